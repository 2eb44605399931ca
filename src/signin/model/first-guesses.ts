/**
 * Passwords that every attacker tries first, ten characters and longer or the letters inside such (shorter ones are
 * refused by their length). Compared whole and with everything but letters removed, so `Password2025!` is `password`.
 */
export const FIRST_GUESSES: ReadonlySet<string> = new Set(
  `password passwort losenord lösenord passord motdepasse contrasena qwerty qwertyuiop qwertyuiopasdfghjkl asdfghjkl
  asdfghjklqwertyuiop zxcvbnm qazwsxedc qazwsxedcrfv qweasdzxc abcdefghij abcdefghijkl letmein letmeinplease welcome
  welcomeback iloveyou iloveyouforever sunshine princess football baseball basketball superman batman spiderman
  starwars pokemon dragon monkey shadow master michael jennifer jordan hunter trustno trustnoone whatever freedom
  computer internet samsung iphone google facebook microsoft windows administrator admin adminadmin root toor rootroot
  user useruser test testtest testing guest changeme changemenow changeit secret secretsecret topsecret default
  passwordpassword passwordone mypassword thepassword newpassword oldpassword temppassword temporary hello helloworld
  hellohello loveyou loveme lovelove babygirl chocolate butterfly liverpool manchester arsenal chelsea barcelona
  realmadrid juventus christmas christmaseve january february march april june july august september october november
  december monday tuesday wednesday thursday friday saturday sunday spring summer autumn winter springtime summertime
  vinter sommar winteriscoming correcthorsebatterystaple correcthorse horsebatterystaple killerkiller killer asshole
  fuckyou fuckyoufuckyou fuckoff blablabla matrix mustang corvette ferrari porsche mercedes harley yankees cowboys
  access accessaccess login loginlogin signin company companyname business office officeoffice service support
  supportsupport helpdesk manager server database oracle mysql postgres postgresql cisco ciscocisco entente
  ententeentente demo demodemo demopassword example sample samplesample alexander elizabeth christopher jessica
  1234567890 12345678910 123456789012 0123456789 0987654321 9876543210 1111111111 0000000000 1212121212 1231231234
  1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qaz2wsx3edc4rfv q1w2e3r4t5 q1w2e3r4t5y6 zaq12wsxcde3 zaq1zaq1zaq1 a1b2c3d4e5
  aa12345678 a123456789 qwerty1234 qwerty12345 qwerty123456 abc123abc123 abcd123456 asdf123456 pass123456 1234qwerasdf
  11223344556677 1122334455 5555555555 7777777777 147258369 1472583690 789456123 7894561230 987654321 159753159753`
    .split(/\s+/)
    .filter((word) => word !== ''),
);
