package bot_test
import ("testing";"os";"strings";"time";"yinda/bot";"yinda/content")
func TestLintProbe(t *testing.T){
 if os.Getenv("LP")=="" {t.Skip()}
 set,err:=content.Starter(); if err!=nil{t.Fatal(err)}
 p:=set.Playbook(time.Now())
 g,err:=bot.NewGuard(p); if err!=nil{t.Fatal(err)}
 if os.Getenv("LP")=="starter" { n,b:=0,0
  for id,a:=range p.Answers { for _,x:=range []string{a.Text,a.Elderly}{ if x=="" {continue}; n++
   v:=g.Check(x,bot.SpeakerBot); if v.Verdict!="ok" { b++; for _,f:=range v.Findings{ rs:=[]rune(x); lo:=max(0,f.Start-12); hi:=min(len(rs),f.End+10); t.Log(id,v.Verdict,f.Rule,f.List,"|",f.Match,"|",string(rs[lo:hi]))}}
   r:=g.Say(bot.Part{Text:x,Product:a.Product,Notices:a.Notices}); if r.Replaced(){t.Log("REPLACED",id,r.Verdict())}}}
  for id,sc:=range p.Scripts { for _,x:=range sc.Texts{ n++; v:=g.Check(x,bot.SpeakerBot); if v.Verdict!="ok" { b++; for _,f:=range v.Findings{t.Log("script",id,v.Verdict,f.Rule,f.Match,x)}}}}
  for id,nn:=range p.Notices { r:=g.Say(bot.Part{Text:nn.Text}); if r.Verdict().Verdict!="ok" {t.Log("notice",id,r.Verdict())}}
  t.Log(n,"texts",b,"flagged")
  return }
 for _,x:=range strings.Split(os.Getenv("LP"),"|"){ v:=g.Check(x,bot.SpeakerAgent); t.Log(v.Verdict,x); for _,f:=range v.Findings{t.Log("   ",f.Rule,f.List,f.Match)}}
}
