// Package vault keeps private data out of what the bank stores and shows. It finds the data in a
// text, destroys the secrets (level C3) before anything is written anywhere, masks the rest (C2) for
// show, and encrypts what has to be kept.
//
//	m := vault.Mask("我手机13812345678，密码是654321")
//	m.Text                              // 我手机138****5678，密码是[已屏蔽:密码]
//	clean, found := vault.Destroy(text) // only the secrets gone: this is what may be stored
//
// Before anything is looked for, disguises are read as what they stand for (disguise.go): 蜜码, l39…,
// 柒捌玖; numbers may be typed in groups, pairs or Chinese digits.
//
// The types, checks and forms of display are those of domain lexicon §5, the levels those of
// JR/T 0171 in the stricter reading. Nothing here logs, and no error repeats what it was given.
package vault
