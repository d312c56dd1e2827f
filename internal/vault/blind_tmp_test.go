package vault
import ("testing";"os";"strings")
func TestBlindTmp(t *testing.T){
 b,err:=os.ReadFile("../../bot/testdata/blind/mask.tsv"); if err!=nil{t.Skip()}
 priv,leak,clean,wrong,typed:=0,0,0,0,0
 lk:=map[string]int{}; ex:=map[string]int{}
 for line:=range strings.Lines(string(b)){ c:=strings.Split(strings.TrimRight(line,"\r\n"),"\t"); if len(c)<2||c[0]=="text"{continue}
  m:=Mask(c[0]); if strings.TrimSpace(c[1])=="" { clean++; if len(m.Found)>0 {wrong++; for _,f:=range m.Found{ex[f.Type]++}}; continue}
  priv++; l:=false
  for _,w:=range strings.Split(c[1],"|"){ ty,val,_:=strings.Cut(w,":"); if strings.Contains(m.Text,val){l=true; lk[ty]++} else { ok:=false; for _,f:=range m.Found{ if f.Type==ty {ok=true}}; if !ok {typed++} } }
  if l {leak++} }
 t.Log("private",priv,"leaks",leak,lk,"other type",typed,"clean",clean,"wrong",wrong,ex)
}
