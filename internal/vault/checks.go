package vault

import (
	"strings"
	"time"
)

// idWeights and idCheck are the checksum of GB 11643 (lexicon §5).
var idWeights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

const idCheck = "10X98765432"

// idChecksum reports whether the 18 characters (digits, last one perhaps X) carry a right check digit.
func idChecksum(id string) bool {
	sum := 0
	for i, w := range idWeights {
		sum += w * int(id[i]-'0')
	}
	return idCheck[sum%11] == id[17]
}

// idProvince reports whether the number begins with a province code of GB/T 2260, 81–83 being the
// residence permits for Hong Kong, Macao and Taiwan, 9 the permanent residence permit.
func idProvince(id string) bool {
	n := int(id[0]-'0')*10 + int(id[1]-'0')
	switch {
	case n >= 11 && n <= 15, n >= 21 && n <= 23, n >= 31 && n <= 37, n >= 41 && n <= 46, n >= 50 && n <= 54, n >= 61 && n <= 65:
		return true
	case n == 71, n >= 81 && n <= 83, n >= 90 && n <= 99:
		return true
	}
	return false
}

// birthDate reports whether the eight digits are a date on which a living person may be born.
func birthDate(yyyymmdd string) bool {
	t, err := time.Parse("20060102", yyyymmdd)
	return err == nil && t.Year() >= 1880 && t.Year() <= 2099
}

// luhn is the checksum of ISO/IEC 7812 that most card numbers carry.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

var usccWeights = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}

// usccChecksum reports whether the 18 upper-case characters are a unified social credit code
// (GB 32100).
func usccChecksum(code string) bool {
	sum := 0
	for i, w := range usccWeights {
		v := strings.IndexByte(usccAlphabet, code[i])
		if v < 0 {
			return false
		}
		sum += v * w
	}
	return usccAlphabet[(31-sum%31)%31] == code[17]
}

// hotline reports whether the number is a public service number that everybody may read: 95588,
// 12378, 110, 400 and 800 numbers (lexicon §5, guards).
func hotline(digits string) bool {
	switch {
	case len(digits) == 3:
		return digits[0] == '1'
	case len(digits) == 5:
		return strings.HasPrefix(digits, "95") || strings.HasPrefix(digits, "96") || strings.HasPrefix(digits, "12") || strings.HasPrefix(digits, "10") || strings.HasPrefix(digits, "11")
	case len(digits) == 6:
		return strings.HasPrefix(digits, "95") && digits[2] <= '1'
	case len(digits) == 10:
		return strings.HasPrefix(digits, "400") || strings.HasPrefix(digits, "800")
	}
	return false
}
