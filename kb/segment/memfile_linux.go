package segment

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// file is a file that exists only while it is being read by jieba.
type file struct {
	Path  string
	Close func() error
}

// memoryFile keeps content in memory under a path that C code can open. A kernel without memfd
// (or a sandbox that forbids it) gets a temporary file instead.
func memoryFile(name string, content []byte) (file, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC)
	if err != nil {
		return temporaryFile(name, content)
	}
	f := os.NewFile(uintptr(fd), name)
	if _, err := f.Write(content); err != nil {
		f.Close()
		return temporaryFile(name, content)
	}
	path := fmt.Sprintf("/proc/self/fd/%d", fd)
	if _, err := os.Stat(path); err != nil { // no /proc in this container
		f.Close()
		return temporaryFile(name, content)
	}
	return file{Path: path, Close: f.Close}, nil
}
