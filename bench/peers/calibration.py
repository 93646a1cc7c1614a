"""Debiased CKA of one pair with its chance level: calibrated-similarity with 200 permutations, as its documentation shows
it, around the fastest formula for CKA in torch. Ours knows the distribution over all orders. The value is the CKA."""


def calibrated(x, y):
    from calibrated_similarity import calibrate

    x, y = x - x.mean(0), y - y.mean(0)

    def cka(x, y):
        n = len(x)
        k, l = (x * x).sum(1), (y * y).sum(1)

        def term(product, a, b):
            return product - n / (n - 2) * (a @ b) + a.sum() * b.sum() / ((n - 1) * (n - 2))

        cross = term(((x.T @ y) ** 2).sum(), k, l)
        return cross / (term(((x.T @ x) ** 2).sum(), k, k) * term(((y.T @ y) ** 2).sum(), l, l)).sqrt()

    calibrate(x, y, cka, K=200)
    return cka(x, y).item()


IMPLEMENTATIONS = {"cka-calibrated": {"calibrated-similarity (torch)": calibrated}}
