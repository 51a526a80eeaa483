/* What this processor can do at best: arithmetic in registers, and streams through working sets of a given size. */

typedef double vector __attribute__((vector_size(64)));

#define CHAINS 12 /* independent chains of operations, enough to hide their latency */

/* Fused products: x = x*a + b. */
double fused(long times, double factor, double term)
{
    vector x[CHAINS], a = {0}, b = {0};
    a += factor;
    b += term;
    for (int i = 0; i < CHAINS; i++)
        x[i] = a + (double)i;
    for (long n = 0; n < times; n++)
#pragma GCC unroll 12
        for (int i = 0; i < CHAINS; i++)
            x[i] = x[i] * a + b;
    vector sum = {0};
    for (int i = 0; i < CHAINS; i++)
        sum += x[i];
    return sum[0];
}

/* As many products as sums, none of them fused: half of the chains multiply, the others add. */
double apart(long times, double factor, double term)
{
    vector x[CHAINS], a = {0}, b = {0};
    a += factor;
    b += term;
    for (int i = 0; i < CHAINS; i++)
        x[i] = a + (double)i;
    for (long n = 0; n < times; n++)
#pragma GCC unroll 12
        for (int i = 0; i < CHAINS; i++)
            x[i] = i % 2 ? x[i] * a : x[i] + b;
    vector sum = {0};
    for (int i = 0; i < CHAINS; i++)
        sum += x[i];
    return sum[0];
}

/* a = b + s*c over n numbers, so many times: two loads, one store. */
void triad(long n, long times, double *restrict a, const double *restrict b, const double *restrict c, double s)
{
    for (long k = 0; k < times; k++) {
        for (long i = 0; i < n; i++)
            a[i] = b[i] + s * c[i];
        __asm__ volatile("" ::: "memory");
    }
}

/* a = a*s + t over n numbers in place: one load, one store. */
void update(long n, long times, double *a, double s, double t)
{
    for (long k = 0; k < times; k++) {
        for (long i = 0; i < n; i++)
            a[i] = a[i] * s + t;
        __asm__ volatile("" ::: "memory");
    }
}
