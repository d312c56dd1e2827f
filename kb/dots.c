#include <stdint.h>

// One build serves old and new processors: the loader picks the widest version there is.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
__attribute__((target_clones("avx2", "default"), optimize("O3")))
#endif
void yinda_dots(const int8_t *q, const int8_t *rows, int32_t n, int32_t width, int32_t *out) {
	for (int32_t r = 0; r < n; r++) {
		const int8_t *row = rows + (int64_t)r * width;
		int32_t sum = 0;
		for (int32_t i = 0; i < width; i++)
			sum += (int16_t)q[i] * (int16_t)row[i];
		out[r] = sum;
	}
}
