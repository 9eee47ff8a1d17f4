// The interfaces' own page: the hub's OpenAPI document, to read and to try with a key. Nothing is fetched from elsewhere.
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js'
import 'swagger-ui-dist/swagger-ui.css'

SwaggerUI({
  url: '/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  docExpansion: 'list',
  // The document is the hub's own: no validator badge from outside.
  validatorUrl: null,
})
