//go:build !linux

package segment

// file is a file that exists only while it is being read by jieba.
type file struct {
	Path  string
	Close func() error
}

func memoryFile(name string, content []byte) (file, error) { return temporaryFile(name, content) }
