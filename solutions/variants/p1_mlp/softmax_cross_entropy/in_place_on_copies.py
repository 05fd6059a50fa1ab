"""In place throughout, on a copy: no argument is written to."""


def softmax(ytilde):
    p = ytilde.clone()
    p -= p.amax(1, True)
    p.exp_()
    p /= p.sum(1, True)
    return p


def cross_entropy(ytilde, Y):
    s = ytilde.clone()
    s.sub_(s.amax(1, True))
    loss = s.exp().sum(1).log_()
    loss -= s.mul_(Y).sum(1)
    return loss.mean().item()


def cross_entropy_gradient(ytilde, Y):
    g = softmax(ytilde)
    g.sub_(Y).div_(g.size(0))
    return g
