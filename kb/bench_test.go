package kb

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Parts of made-up questions: enough for 100 000 entries that differ as real ones do, by one word.
var (
	benchBrands = []string{"小鹿", "银杏", "蓝鲸", "麦田", "星河", "白杨", "青竹", "雪松", "红叶", "金穗", "海燕", "云雀", "木棉", "紫藤", "朝露", "北斗", "南山", "东篱", "西窗", "春笋"}
	benchItems  = []string{"信用卡", "会员", "宽带", "流量包", "订单", "优惠券", "积分", "账户", "钱包", "贷款", "理财", "保险", "机票", "酒店", "课程", "门票", "快递", "发票", "手机号", "密码", "电视", "洗衣机", "路由器", "社保", "公积金", "考勤", "报销", "停车卡", "健身卡", "体检"}
	benchVerbs  = []string{"开通", "取消", "查询", "修改", "续费", "退款", "转让", "升级", "绑定", "激活", "挂失", "补办", "投诉", "预约", "提前结清", "合并", "冻结", "下载", "打印", "验证"}
	benchForms  = [][]string{
		{"怎么%s?", "如何%s", "%s怎么弄", "请问%s在哪里操作", "想%s", "教我%s"},
		{"%s要多久?", "%s几天能好", "%s什么时候生效", "%s多长时间", "%s要等几天", "%s慢不慢"},
		{"%s失败是什么原因?", "%s不了", "为什么%s不成功", "一直提示%s失败", "%s报错", "%s不上怎么回事"},
		{"%s要收费吗?", "%s多少钱", "%s手续费", "%s要不要钱", "%s怎么收费", "%s贵吗"},
		{"%s需要什么条件?", "谁能%s", "%s有什么要求", "没有身份证能%s吗", "%s要带什么", "%s门槛"},
		{"可以让别人帮忙%s吗?", "代办%s", "家人能帮我%s吗", "委托%s", "让我妈去%s行不行", "本人不去能%s吗"},
		{"%s有次数限制吗?", "%s一个月几次", "最多能%s几次", "%s次数用完了", "每天能%s几回", "%s限制"},
		{"网上能%s吗?", "手机上%s", "必须去营业厅%s吗", "在线%s入口", "app里能%s吗", "不去现场能%s吗"},
		{"%s后多久能恢复?", "%s后悔了", "%s错了怎么撤回", "撤销%s", "%s完能反悔吗", "%s可以还原吗"},
	}
)

func benchBase(entries int) Base {
	var b Base
	b.Untrained = true
	for i := range entries {
		verb := benchVerbs[i%len(benchVerbs)]
		item := benchItems[i/len(benchVerbs)%len(benchItems)]
		form := benchForms[i/(len(benchVerbs)*len(benchItems))%len(benchForms)]
		brand := benchBrands[i/(len(benchVerbs)*len(benchItems)*len(benchForms))%len(benchBrands)]
		subject := verb + brand + item
		e := Entry{ID: strconv.Itoa(i), Title: fmt.Sprintf(form[0], subject)}
		for _, f := range form[1:] {
			e.Similar = append(e.Similar, fmt.Sprintf(f, subject))
		}
		b.Entries = append(b.Entries, e)
	}
	return b
}

// benchQueries are said in words that the entries do not use, with fillers and typos.
func benchQueries() []string {
	var out []string
	for i, item := range benchItems {
		for j, verb := range benchVerbs {
			brand := benchBrands[(i+j)%len(benchBrands)]
			switch (i*7 + j) % 5 {
			case 0:
				out = append(out, "请问一下"+brand+item+"咋"+verb+"啊")
			case 1:
				out = append(out, "我想"+verb+"我的"+item+"要等多长时间呢")
			case 2:
				out = append(out, item+verb+"老是不行是为啥")
			case 3:
				out = append(out, "你好,"+brand+"的"+item+",帮我"+verb+"要钱不")
			default:
				out = append(out, "人在外地回不去,家里人能不能拿着我的身份证去帮忙"+verb+item)
			}
		}
	}
	return out
}

var benchIndexes sync.Map

func benchIndex(b *testing.B, entries int) *Index {
	if x, ok := benchIndexes.Load(entries); ok {
		return x.(*Index)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	x, err := Build(context.Background(), benchBase(entries))
	if err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	fmt.Fprintf(os.Stderr, "%d entries: built in %s, %.1f KiB an entry\n", entries, x.stats.Took.Round(time.Millisecond),
		float64(after.HeapAlloc-before.HeapAlloc)/1024/float64(entries))
	benchIndexes.Store(entries, x)
	return x
}

func benchSizes() []int {
	if os.Getenv("KB_BENCH_LARGE") != "" {
		return []int{300, 10000, 100000}
	}
	return []int{300, 10000}
}

// BenchmarkSearch measures one decision, whole, with its 50th and 99th percentile.
func BenchmarkSearch(b *testing.B) {
	for _, n := range benchSizes() {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			x := benchIndex(b, n)
			run(b, func(q string) error {
				_, err := x.Search(context.Background(), q, SearchOptions{})
				return err
			})
		})
	}
}

// BenchmarkBleve measures what the same index costs when Bleve alone ranks, all terms asked.
func BenchmarkBleve(b *testing.B) {
	for _, n := range benchSizes() {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			x := benchIndex(b, n)
			run(b, func(q string) error {
				a, err := x.lang.analyze(x.lang.clean(q))
				if err != nil {
					return err
				}
				_, err = x.bleve.ask(context.Background(), &a, 5, 1<<30)
				return err
			})
		})
	}
}

func run(b *testing.B, search func(q string) error) {
	queries := benchQueries()
	took := make([]time.Duration, 0, b.N)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		began := time.Now()
		if err := search(queries[i*7919%len(queries)]); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}
