package bot_test
import ("testing";"os";"strings";"yinda/bot")
func TestTmpFP(t *testing.T){ g,_:=starterGuard(t)
 for _,f:=range []string{"/tmp/w/train/good.txt","/tmp/w/train/good2.txt"} { b,_:=os.ReadFile(f)
 for _,x:=range strings.Split(string(b),"\n"){ if x==""{continue}; v:=g.Check(x,bot.SpeakerAgent); for _,f:=range v.Findings{ if f.Block {t.Log(x,"|",f.Rule,f.List,f.Match)} else if f.Rule!="vague" {t.Log("   warn",x,"|",f.Rule,f.List,f.Match)} } } }
}
