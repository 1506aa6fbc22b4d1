-- What an earlier window left is there without being asked for.
local user = ...

user.tell('lens', user.see_lens('def total', 'Accept'))
user.click_lens('def total', 'Accept')
user.wait('the body', function() return user.text():find('return sum', 1, true) end)
user.save()
user.leave()
