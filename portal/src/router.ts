/** The pages and their addresses; each page is a chunk of its own, loaded when it is first opened. */
import { createRouter, createWebHistory } from 'vue-router'

declare module 'vue-router' {
  interface RouteMeta {
    title: string
    /** What the foot of the page says. */
    notes: string[]
    /** A page without the portal's head and foot. */
    bare?: boolean
  }
}

const CONSULT_NOTES = ['内容为示例，以正式公布的办事指南和窗口答复为准', '由 AI 检索作答，每条答复附依据']

const REVIEW_NOTES = ['机器只指出问题，由窗口人员决定', '每一步都有记录']

const LIBRARY_NOTES = ['内容库供内容人员使用', '每次发布都留有版本与记录']

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    {
      path: '/',
      name: 'consult',
      component: () => import('./pages/ConsultPage.vue'),
      meta: { title: '智能咨询', notes: CONSULT_NOTES },
    },
    {
      path: '/checklists/:token',
      name: 'checklist',
      component: () => import('./pages/ChecklistPage.vue'),
      meta: { title: '一次告知单', notes: ['以正式公布的办事指南和窗口答复为准'] },
    },
    {
      path: '/kiosk',
      name: 'kiosk',
      component: () => import('./pages/KioskPage.vue'),
      meta: { title: '办事咨询', notes: CONSULT_NOTES, bare: true },
    },
    {
      path: '/papers',
      name: 'papers',
      component: () => import('./pages/PapersPage.vue'),
      meta: { title: '材料识读', notes: ['识读结果供参考，以材料原件为准'] },
    },
    {
      path: '/desk',
      name: 'desk',
      component: () => import('./pages/DeskPage.vue'),
      meta: { title: '坐席台', notes: ['坐席台供窗口人员使用'] },
    },
    {
      path: '/review',
      name: 'review',
      component: () => import('./pages/review/QueuePage.vue'),
      meta: { title: '窗口预审台', notes: REVIEW_NOTES },
    },
    {
      path: '/review/reports',
      name: 'review-reports',
      component: () => import('./pages/review/ReportsPage.vue'),
      meta: { title: '预审统计', notes: REVIEW_NOTES },
    },
    {
      path: '/review/:id',
      name: 'review-case',
      component: () => import('./pages/review/CasePage.vue'),
      meta: { title: '办件预审', notes: REVIEW_NOTES },
    },
    {
      path: '/selfcheck/:id?',
      name: 'selfcheck',
      component: () => import('./pages/SelfCheckPage.vue'),
      meta: { title: '先自查', notes: ['机器核对的结果供参考，以窗口审查为准'] },
    },
    {
      path: '/voice',
      name: 'voice',
      component: () => import('./pages/VoicePage.vue'),
      meta: { title: '群众呼声', notes: ['群众呼声供工作人员使用'] },
    },
    {
      path: '/consult-numbers',
      name: 'consult-numbers',
      component: () => import('./pages/NumbersPage.vue'),
      meta: { title: '咨询数据', notes: ['咨询数据供工作人员使用'] },
    },
    {
      path: '/library',
      name: 'library',
      component: () => import('./pages/library/LibraryPage.vue'),
      meta: { title: '内容库', notes: LIBRARY_NOTES },
    },
    {
      path: '/library/reviews',
      name: 'library-reviews',
      component: () => import('./pages/library/ReviewsPage.vue'),
      meta: { title: '审核', notes: LIBRARY_NOTES },
    },
    {
      path: '/library/hit-test',
      name: 'library-hit-test',
      component: () => import('./pages/library/HitTestPage.vue'),
      meta: { title: '命中测试', notes: LIBRARY_NOTES },
    },
    {
      path: '/library/import',
      name: 'library-import',
      component: () => import('./pages/library/ImportPage.vue'),
      meta: { title: '导入导出', notes: LIBRARY_NOTES },
    },
    {
      path: '/library/entries/:id',
      name: 'library-entry',
      component: () => import('./pages/library/EntryPage.vue'),
      meta: { title: '内容', notes: LIBRARY_NOTES },
    },
    {
      path: '/:anything(.*)*',
      name: 'missing',
      component: () => import('./pages/NotFoundPage.vue'),
      meta: { title: '页面不存在', notes: [] },
    },
  ],
})

router.afterEach((to) => {
  document.title = `${to.meta.title} · 靠普智枢`
})

// After an update of the hub the chunks of the old pages are gone: load the new pages once instead of doing nothing.
router.onError((_error, to) => {
  const mark = 'kaopu-reloaded'
  try {
    if (sessionStorage.getItem(mark) === to.fullPath) return
    sessionStorage.setItem(mark, to.fullPath)
  } catch {
    return
  }
  window.location.assign(to.fullPath)
})
