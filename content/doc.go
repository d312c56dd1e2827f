// Package content is what the bank says: knowledge entries, facts, notices, scripts, word lists, and
// examples of what customers say, all versioned, reviewed by a second person, and published as
// numbered generations.
//
// One mechanism serves every kind of content: an item (kind, id) has versions; a version goes
// draft → in_review → approved → published; a publication gives everything approved one new
// generation number. The content of generation G are the versions with from_generation ≤ G <
// to_generation, so "what would we have said on 3 March?" is a query (product, promise 2).
//
// A Set is the content of one generation in memory. An Edition is a Set made ready to serve:
// compiled into a bot and an index. Live holds the current edition and swaps it without a gap.
//
//	set, _ := content.Starter()
//	edition, _ := content.NewEdition(ctx, set, time.Now())
//	decision := edition.Bot.Decide(ctx, bot.Course{}, bot.Turn{Text: "卡丢了怎么办"})
//
// content depends on bot and kb (a draft is linted by the bot's guard before it is reviewed);
// neither knows content.
package content
