// swagger-ui-dist comes without types; this is the little of it that docs.ts uses.
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  export default function SwaggerUI(options: Record<string, unknown>): unknown
}
