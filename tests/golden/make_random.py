"""The first draws of kuchi::Stream, for tests/core/random_test.cpp: the definition of
src/core/random.h written once more, in Python's whole numbers. Python 3.11, no packages."""

MASK = (1 << 64) - 1


def mix(z):
    z = (z + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def fnv1a(text):
    h = 0xCBF29CE484222325
    for byte in text.encode():
        h = ((h ^ byte) * 0x100000001B3) & MASK
    return h


class Stream:
    def __init__(self, seed, purpose, a=0, b=0):
        self.key = mix(mix(mix(mix(seed) ^ fnv1a(purpose)) ^ a) ^ b)
        self.counter = 0

    def next(self):
        self.counter += 1
        return mix(self.key ^ mix(self.counter - 1))

    def uniform(self):
        return (self.next() >> 11) * 2.0**-53

    def below(self, n):
        limit = MASK - MASK % n
        while True:
            draw = self.next()
            if draw < limit:
                return draw % n

    def normal(self):
        total = 0.0
        for _ in range(12):
            total += self.uniform()
        return total - 6.0


def permutation(n, stream):
    order = list(range(n))
    for i in range(n, 1, -1):
        j = stream.below(i)
        order[i - 1], order[j] = order[j], order[i - 1]
    return order


draw = Stream(7, "augment", 3, 11)
print("next   ", [hex(draw.next()) for _ in range(4)])
draw = Stream(7, "augment", 3, 11)
print("uniform", [draw.uniform().hex() for _ in range(3)])
print("next   ", hex(Stream(0, "").next()))
draw = Stream(2, "n")
print("normal ", [draw.normal().hex() for _ in range(2)])
print("order  ", permutation(10, Stream(1, "order")))
