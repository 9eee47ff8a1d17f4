/** How long somebody has waited, as people say it: 40秒, 3分钟, 1小时5分. */
export function waited(seconds: number): string {
  if (seconds < 60) return `${seconds}秒`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}分钟`
  return minutes % 60 ? `${Math.floor(minutes / 60)}小时${minutes % 60}分` : `${minutes / 60}小时`
}

/** A moment in Shanghai, whatever the machine's own clock is set to: a promise is kept there. */
export function shanghaiTime(value: string): string {
  const zone = 'Asia/Shanghai'
  const at = new Date(value)
  const day = at.toLocaleDateString('zh-CN', { timeZone: zone, month: 'long', day: 'numeric' })
  return `${day} ${at.toLocaleTimeString('zh-CN', { timeZone: zone, hour: '2-digit', minute: '2-digit', hour12: false })}`
}
