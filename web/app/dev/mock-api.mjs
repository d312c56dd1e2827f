export function api(method, url, body) {
  if (url.pathname === '/api/public/config')
    return [200, { bank: '示例银行', hotline: '400-000-0000', person_hours: '每日8:30—22:00', greeting: '您好，我是示例银行智能客服机器人（非真人），可为您解答常见业务问题；随时可输入“人工”联系人工客服。', suggestions: [] }]
  return [404, { error: { code: 'not_found', message: '没有这个地址。' } }]
}
