// What goes wrong, in Simplified Chinese: the sentences of the widget and of the server. See `chinese.ts`.
export const REFUSALS: Record<string, string> = {
  "Please check the details below.": "请检查以下内容。",
  "We couldn't read that. Please reload the page and try again.": "无法读取。请重新加载页面后再试。",
  "{said} Everything you typed is still here.": "{said}您填写的内容仍在。",
  "Your details changed while we were booking. Please press the button again.":
    "预约过程中您的资料有变动。请再按一次按钮。",
  "We're having trouble right now. Nothing was lost. Please try again in a moment.":
    "系统暂时有问题。没有任何内容丢失。请稍后再试。",
  "Something went wrong on our side. Nothing was lost. Please try again.":
    "我们这边出了问题。没有任何内容丢失。请重试。",
  "We can't reach the booking service. Check your connection, then try again.":
    "无法连接预约服务。请检查网络后重试。",
  "That was a lot of tries in a short time. Please try again in {wait}.":
    "短时间内尝试次数过多。请在{wait}后再试。",
  "That's a lot of tries in a short time. Please wait a moment and try again.":
    "短时间内尝试次数过多。请稍候再试。",
  "You need to sign in, or use the link from your booking email.": "请使用预约邮件中的链接。",
  "You don't have access to that.": "您无权访问。",
  "We couldn't find that.": "找不到该内容。",
  "We couldn't find that business.": "找不到该商家。",
  "That can't be done at this address.": "此地址不支持该操作。",
  "That's more than 10 MB at once. Please send fewer files, or smaller ones.":
    "一次超过 10 MB。请减少文件数量或大小。",
  "This booking can't be paid any more. Please choose a time again.": "此预约已无法付款。请重新选择时间。",
  "This booking can't be changed any more.": "此预约已无法更改。",
  "That address is outside the area this business works in.": "该地址不在此商家的服务范围内。",
  "{postcode} is outside the area where {business} works: within {count} km of {middle}. To ask all the same, call {phone}.":
    "{postcode} 不在 {business} 的服务范围内（{middle} 周围 {count} 公里）。如仍想咨询，请致电 {phone}。",
  "{postcode} is outside the area where {business} works. To ask all the same, call {phone}.":
    "{postcode} 不在 {business} 的服务范围内。如仍想咨询，请致电 {phone}。",
  "We can't get to that address in time from the jobs around it. Please choose another time.":
    "前后的工作之间来不及赶到该地址。请选择其他时间。",
  "Jobs at that address aren't done on that day of the week.": "该地址在一周的这一天不提供服务。",
  "Online booking isn't available right now. Please call instead.": "目前无法网上预约。请致电。",
  "Online booking isn't to be had on this website.": "此网站不提供网上预约。",
  "We can't reach the payment service right now. You haven't been charged. Please try again in a minute.":
    "暂时无法连接付款服务。您没有被扣款。请一分钟后再试。",
  "That's more than we can do online. Please call instead.": "网上无法办理。请致电。",
  "That looked as if a program filled in the form. Please press the button again, or call.":
    "这份表格看起来像是由程序填写的。请再按一次按钮，或致电。",
  "Please show that you are a person, then press the button again, or call.":
    "请先证明您是真人，然后再按一次按钮，或致电。",
  "You already have several bookings that nobody has confirmed. Open the link in our message about one and press the button there, or call {phone}.":
    "您已有几个尚未确认的预约。请打开我们消息中的链接并按其中的按钮，或致电 {phone}。",
  "We've sent a lot of messages to this email or mobile today. Open the link in one of them and press the button there, or call {phone}.":
    "今天我们已向此邮箱或手机发送了很多消息。请打开其中一条的链接并按其中的按钮，或致电 {phone}。",
  "You're already holding several times. Pay for one, or wait a few minutes until they lapse.":
    "您已保留了几个时间。请支付其中一个，或等几分钟让它们失效。",
  "Please call {phone}: too many have asked for a call today.": "请致电 {phone}：今天要求回电的人太多。",
  "Please call {business} on {phone} to book.": "请致电 {business}（{phone}）预约。",
  "That time has just been taken.": "该时间刚刚被预约。",
  "That time isn't available any more.": "该时间已无法预约。",
  "That day is fully booked.": "这一天已约满。",
  "That time has passed. Please choose a later one.": "该时间已过。请选择更晚的时间。",
  "That time is too soon for {business}. Please choose a later one.":
    "该时间对 {business} 来说太近。请选择更晚的时间。",
  "That's too far ahead. {business} takes bookings up to {count} days ahead.":
    "时间太远。{business} 只接受{count}天内的预约。",
  "{business} isn't working that day. Please choose another.": "{business} 当天不工作。请选择其他日子。",
  "That's outside the working hours of {business}. Please choose another time.":
    "不在 {business} 的工作时间内。请选择其他时间。",
  "That isn't one of the times on offer. Please choose one from the list.":
    "该时间不在可选之列。请从列表中选择。",
  "Who comes can't be chosen here. Book anybody, or give us a call.":
    "这里不能选择上门人员。请预约任何人，或致电。",
  "They can't be booked for this service. Please choose somebody else.": "此人不提供该服务。请选择其他人。",
  "{suburb} isn't in {postcode}. {hint}": "{suburb} 不在 {postcode}。{hint}",
  "{suburb} is {place}; {postcode} has {places}.": "{suburb} 是 {place}；{postcode} 有 {places}。",
  "{postcode} has {places}.": "{postcode} 有 {places}。",
  "{places} and others": "{places} 等",
  "That's too long: {count} characters at most.": "太长了：最多{count}个字符。",
  "Write a phone number such as 0412 345 678.": "请输入电话号码，例如 0412 345 678。",
  "A postcode has four digits.": "邮编是四位数字。",
  "Please use one line of plain text.": "请只写一行普通文字。",
  "Please use plain text.": "请使用普通文字。",
  "Choose one of these answers.": "请选择其中一个答案。",
  "This service isn't on offer.": "目前不提供这项服务。",
  "That service can't be booked.": "这项服务无法预约。",
  "Please answer this question.": "请回答此问题。",
  "Please add a photo.": "请添加照片。",
  "“{name}” isn't a photo that we can read. Please send a JPEG, PNG, HEIC or WebP.":
    "“{name}”不是我们能读取的照片。请发送 JPEG、PNG、HEIC 或 WebP。",
  "“{name}” is larger than 8 MB. Please send a smaller one.": "“{name}”超过 8 MB。请发送较小的照片。",
  "There's room for {count} photos. Please remove one first, or choose fewer.":
    "最多可放{count}张照片。请先移除一张，或少选几张。",
};
