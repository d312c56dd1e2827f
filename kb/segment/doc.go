// Package segment cuts Chinese text into words with jieba, in a binary that carries its own
// dictionary.
//
//	words, err := segment.Words("信用卡怎么还款") // 信用卡 信用 怎么 还款: search mode, sub-words too
//
// # Why a package of its own
//
// gojieba has traps that the rest of the program must not have to know (design §9):
//
//   - It looks for its dictionaries in the module cache and aborts when they are gone. Here they are
//     embedded and handed over as memory files, so that the binary runs alone in an empty folder.
//   - A malformed dictionary line ends the process beyond recovery. Every line is checked before.
//   - A live handle must never be changed: AddWord beside Cut is a segmentation fault. There is one
//     handle in the process, loaded once (0.9 s, 129 MB), never altered. Words that editors add are
//     a [Lexicon] laid over its result, which costs nothing to replace.
//   - NUL truncates a text and invalid UTF-8 yields nothing. Texts are repaired and bounded first.
package segment
