package segment

import (
	"fmt"
	"os"
)

func temporaryFile(name string, content []byte) (file, error) {
	f, err := os.CreateTemp("", name+"-*.txt")
	if err != nil {
		return file{}, fmt.Errorf("dictionary needs a temporary file: %w", err)
	}
	path := f.Name()
	_, err = f.Write(content)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		os.Remove(path)
		return file{}, fmt.Errorf("write dictionary: %w", err)
	}
	return file{Path: path, Close: func() error { return os.Remove(path) }}, nil
}
