"""Known mistakes of `softmax_cross_entropy`.

Each takes the place of one function of the reference solution and may use all the others. Students read its title,
which is its name in plain words unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821  (torch, softmax and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("softmax")
def softmax_over_the_batch(ytilde):
    """Your columns sum to 1 and your rows do not: the examples of the batch compete with each other instead of the
    classes of one example. Look at the `dim` of your maximum and of your sum: which axis of (batch, ny) holds the
    classes?"""
    exponentials = torch.exp(ytilde - ytilde.amax(dim=0, keepdim=True))
    return exponentials / exponentials.sum(dim=0, keepdim=True)


@instead_of("softmax", title="softmax overflows for large scores")
def softmax_that_overflows(ytilde):
    """Your softmax is right for small scores and gives NaN for large ones: in float32, exp is infinite from 89 on, and
    inf / inf is NaN. Softmax does not change when you subtract the same number from every score of a row; choose that
    number so that no exponential becomes large."""
    exponentials = torch.exp(ytilde)
    return exponentials / exponentials.sum(dim=1, keepdim=True)


@instead_of("softmax")
def one_maximum_for_the_whole_batch(ytilde):
    """You subtract the highest score of the whole batch from every row. In a row that lies far below it, every
    exponential becomes 0, and 0 / 0 is NaN. Each row needs its own maximum."""
    exponentials = torch.exp(ytilde - ytilde.max())
    return exponentials / exponentials.sum(dim=1, keepdim=True)


@instead_of("softmax")
def scores_clamped_before_the_exponential(ytilde):
    """Nothing overflows, but two scores beyond your bounds become equal, and so do their probabilities. Clamping the
    scores changes the answer; there is a way to make them smaller that does not."""
    exponentials = torch.exp(ytilde.clamp(-50, 50))
    return exponentials / exponentials.sum(dim=1, keepdim=True)


@instead_of("softmax")
def maximum_subtracted_in_place(ytilde):
    """The probabilities are right, but the scores that you were given have changed afterwards: `-=`, and methods whose
    names end in an underscore, write into the caller's tensor. Make a new tensor instead."""
    ytilde -= ytilde.amax(dim=1, keepdim=True)
    exponentials = torch.exp(ytilde)
    return exponentials / exponentials.sum(dim=1, keepdim=True)


@instead_of("softmax")
def exponentials_not_normalized(ytilde):
    """Your values are positive and in the right order, but a row does not sum to 1. What is the denominator of
    softmax?"""
    return torch.exp(ytilde - ytilde.amax(dim=1, keepdim=True))


@instead_of("softmax", title="softmax normalized over the whole batch")
def normalized_over_the_whole_batch(ytilde):
    """All your probabilities together sum to 1, but each row should. A sum without `dim` runs over the whole batch;
    each example needs its own denominator."""
    exponentials = torch.exp(ytilde - ytilde.amax(dim=1, keepdim=True))
    return exponentials / exponentials.sum()


@instead_of("softmax")
def scores_divided_by_their_sum(ytilde):
    """Your rows sum to 1, but some entries are negative or above 1, and a row whose scores sum to 0 fails. Every score
    has to be made positive before you normalize: which function does that in a softmax?"""
    return ytilde / ytilde.sum(dim=1, keepdim=True)


@instead_of("softmax", title="sigmoid instead of softmax")
def sigmoid_of_each_score(ytilde):
    """Each of your values lies between 0 and 1, but a row does not sum to 1: a sigmoid looks at one score at a time,
    while in a softmax the classes compete. The sigmoid is for classes that do not exclude each other."""
    return torch.sigmoid(ytilde)


@instead_of("softmax", title="log-softmax instead of softmax")
def logarithm_of_the_probabilities(ytilde):
    """Your values are negative: they are the logarithms of the probabilities, a log-softmax. Return the probabilities
    themselves."""
    shifted = ytilde - ytilde.amax(dim=1, keepdim=True)
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


@instead_of("softmax")
def probabilities_in_float32(ytilde):
    """float64 scores give float32 probabilities, and half of their digits are lost. Look for a `.float()`, or for a
    tensor made without a dtype, and keep the dtype of the input."""
    exponentials = torch.exp((ytilde - ytilde.amax(dim=1, keepdim=True)).float())
    return exponentials / exponentials.sum(dim=1, keepdim=True)


@instead_of("cross_entropy")
def loss_summed_over_the_batch(ytilde, Y):
    """Your loss is too large by exactly the size of the batch: it is the sum over the examples, but should be their
    mean. With a sum, the learning rate would have to change with every batch size."""
    shifted = ytilde - ytilde.amax(dim=1, keepdim=True)
    return (shifted.exp().sum(dim=1).log() - (Y * shifted).sum(dim=1)).sum()


@instead_of("cross_entropy")
def loss_averaged_over_batch_and_classes(ytilde, Y):
    """Your loss is too small by exactly the number of classes: a mean over all batch × ny entries divides by ny as
    well. Over the classes the formula has a sum; only over the examples it has a mean."""
    shifted = ytilde - ytilde.amax(dim=1, keepdim=True)
    log_probabilities = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    return -(Y * log_probabilities).mean()


@instead_of("cross_entropy")
def loss_divided_by_the_batch_twice(ytilde, Y):
    """Your loss is too small by exactly the size of the batch: you divide by it twice, perhaps by a `mean` and once
    more by hand. Once is enough."""
    shifted = ytilde - ytilde.amax(dim=1, keepdim=True)
    return (shifted.exp().sum(dim=1).log() - (Y * shifted).sum(dim=1)).mean() / len(Y)


@instead_of("cross_entropy", title="loss not averaged over the batch")
def one_loss_for_each_example(ytilde, Y):
    """You return one loss for each example, (batch,), but the result should be a single number. How is the batch
    reduced to one number?"""
    shifted = ytilde - ytilde.amax(dim=1, keepdim=True)
    return shifted.exp().sum(dim=1).log() - (Y * shifted).sum(dim=1)


@instead_of("cross_entropy", title="minus sign missing in the loss")
def minus_sign_missing(ytilde, Y):
    """Your loss is the right number with the wrong sign: it is never positive, and lowest for the worst prediction. The
    logarithm of a probability is negative, and the cross-entropy is minus its expectation."""
    shifted = ytilde - ytilde.amax(dim=1, keepdim=True)
    return ((Y * shifted).sum(dim=1) - shifted.exp().sum(dim=1).log()).mean()


@instead_of("cross_entropy", title="log of the sum of exponentials overflows")
def log_of_the_sum_that_overflows(ytilde, Y):
    """Your loss is infinite for large scores: in float32, exp is infinite from 89 on, and below -104 it is 0, whose
    logarithm is -inf. The largest score of a row can be taken out of the logarithm of the sum before you compute any
    exponential."""
    return (torch.log(torch.exp(ytilde).sum(dim=1)) - (Y * ytilde).sum(dim=1)).mean()


@instead_of("cross_entropy", title="row maximum not added back")
def maximum_not_added_back(ytilde, Y):
    """Nothing overflows, but your loss is off by the mean of the row maxima: you subtract the maximum from the scores
    inside the logarithm of the sum, but not in the other term. Both terms have to be treated alike."""
    highest = ytilde.amax(dim=1, keepdim=True)
    return (torch.log(torch.exp(ytilde - highest).sum(dim=1)) - (Y * ytilde).sum(dim=1)).mean()


@instead_of("cross_entropy")
def logarithm_of_zero(ytilde, Y):
    """Your loss is NaN when one score is far above another: the smaller probability is rounded to 0, its logarithm is
    -inf, and 0 times -inf is NaN. Do not compute the probabilities first: simplify the logarithm of the softmax on
    paper, and implement the result."""
    return -(Y * torch.log(softmax(ytilde))).sum(dim=1).mean()


@instead_of("cross_entropy")
def probabilities_clamped_in_the_logarithm(ytilde, Y):
    """Your loss is right until an example is badly wrong, and then stops growing at 27.6, which is -log(1e-12), because
    you clamp the probabilities from below. Such examples should cost the most. Work with the scores instead, and you
    need no clamp."""
    return -(Y * torch.log(softmax(ytilde).clamp_min(1e-12))).sum(dim=1).mean()


@instead_of("cross_entropy")
def small_number_added_in_the_logarithm(ytilde, Y):
    """Your loss is right until an example is badly wrong, and then stops growing at 18.4, which is -log(1e-8): that
    comes from the small number you add to avoid log(0). Such examples should cost the most. Work with the scores
    instead, and you need to add nothing."""
    return -(Y * torch.log(softmax(ytilde) + 1e-8)).sum(dim=1).mean()


@instead_of("cross_entropy")
def softmax_applied_twice(ytilde, Y):
    """Your loss barely changes, whatever the scores: you turn them into probabilities and use those where the formula
    has scores, which takes the softmax of a softmax. The formula with the log of a sum of exponentials is for
    scores."""
    probabilities = softmax(ytilde)
    return (probabilities.exp().sum(dim=1).log() - (Y * probabilities).sum(dim=1)).mean()


@instead_of("cross_entropy", title="only the most probable class of each target used")
def targets_by_argmax_only(ytilde, Y):
    """Your loss is right for one-hot targets and wrong for smoothed ones such as (0.9, 0.05, 0.05): you use only the
    most probable class of each target. Every class counts with its share of y."""
    shifted = ytilde - ytilde.amax(dim=1, keepdim=True)
    chosen = shifted.gather(1, Y.argmax(dim=1, keepdim=True)).squeeze(1)
    return (shifted.exp().sum(dim=1).log() - chosen).mean()


@instead_of("cross_entropy", title="log of the sum of exponentials left out")
def log_of_the_sum_forgotten(ytilde, Y):
    """You have only half of the formula, the scores of the target class. Without the normalizing term the loss has no
    lower bound: raising every score lowers it."""
    return -(Y * ytilde).sum(dim=1).mean()


@instead_of("cross_entropy", title="squared error instead of cross-entropy")
def squared_error_of_the_probabilities(ytilde, Y):
    """This is the mean squared error between softmax and target. Its gradient vanishes where the prediction is
    confidently wrong, which is why classification uses the cross-entropy, with its logarithm."""
    return (softmax(ytilde) - Y).square().mean()


@instead_of("cross_entropy")
def scores_shifted_in_place_by_the_loss(ytilde, Y):
    """The loss is right, but the scores that you were given have changed afterwards: `-=`, and methods whose names end
    in an underscore, write into the caller's tensor. Make a new tensor instead."""
    ytilde -= ytilde.amax(dim=1, keepdim=True)
    return (ytilde.exp().sum(dim=1).log() - (Y * ytilde).sum(dim=1)).mean()


@instead_of("cross_entropy", title="only the last example counted")
def only_the_last_example_counted(ytilde, Y):
    """Your loss depends on the last example alone: in the loop, each example's loss takes the place of the one before
    it. How are numbers added up in a loop?"""
    loss = 0
    for scores, target in zip(ytilde, Y, strict=True):
        shifted = scores - scores.max()
        loss = shifted.exp().sum().log() - (target * shifted).sum()
    return loss / len(Y)


@instead_of("cross_entropy", title="loop left after the first example")
def returned_inside_the_loop(ytilde, Y):
    """Your loss depends on the first example alone: the function returns while the loop is still at it. Look at the
    indentation."""
    loss = 0
    for scores, target in zip(ytilde, Y, strict=True):
        shifted = scores - scores.max()
        loss = loss + shifted.exp().sum().log() - (target * shifted).sum()
        return loss / len(Y)


@instead_of("cross_entropy_gradient", title="gradient of the summed loss")
def gradient_of_the_sum(ytilde, Y):
    """Your gradient is too large by exactly the size of the batch: it is the gradient of the summed loss, but the loss
    is a mean. How does a factor in front of the loss show up in its gradient?"""
    return softmax(ytilde) - Y


@instead_of("cross_entropy_gradient")
def gradient_averaged_over_batch_and_classes(ytilde, Y):
    """Your gradient is too small by exactly the number of classes: you divide by all batch × ny entries. The loss is a
    mean over the examples only."""
    return (softmax(ytilde) - Y) / Y.numel()


@instead_of("cross_entropy_gradient", title="gradient divided by the number of classes")
def gradient_divided_by_the_classes(ytilde, Y):
    """You divide your gradient by the number of classes instead of the size of the batch. Which axis is which in the
    shape (batch, ny)?"""
    return (softmax(ytilde) - Y) / Y.shape[1]


@instead_of("cross_entropy_gradient", title="gradient divided by the batch size twice")
def gradient_divided_by_the_batch_twice(ytilde, Y):
    """Your gradient is too small by exactly the size of the batch: you apply the factor of the mean twice."""
    return (softmax(ytilde) - Y) / len(Y) ** 2


@instead_of("cross_entropy_gradient")
def gradient_with_the_wrong_sign(ytilde, Y):
    """Your gradient is the right one times -1, so gradient descent with it would raise the loss. Should raising the
    score of the correct class raise the loss, or lower it?"""
    return (Y - softmax(ytilde)) / len(Y)


@instead_of("cross_entropy_gradient")
def gradient_averaged_over_the_examples(ytilde, Y):
    """Your gradient has shape (ny,): you average it over the examples. The loss is one number, but each of the batch ×
    ny scores has its own derivative. The mean only adds a factor to each of them."""
    return (softmax(ytilde) - Y).mean(dim=0)


@instead_of("cross_entropy_gradient", title="softmax left out of the gradient")
def gradient_without_the_softmax(ytilde, Y):
    """You compare the targets with the scores themselves; that is the gradient of half a squared error. Differentiate
    the logarithm of the sum of exponentials once more: what is its derivative?"""
    return (ytilde - Y) / len(Y)


@instead_of("cross_entropy_gradient", title="softmax applied twice in the gradient")
def gradient_with_softmax_twice(ytilde, Y):
    """You take the softmax of a softmax. Each row of scores should go through it only once."""
    return (softmax(softmax(ytilde)) - Y) / len(Y)


@instead_of("cross_entropy_gradient")
def gradient_with_respect_to_the_probabilities(ytilde, Y):
    """This is the derivative with respect to the probabilities, -y / yhat. You need the one with respect to the scores:
    the chain rule continues through the softmax, where every output depends on every score. The result simplifies a
    lot."""
    return -Y / softmax(ytilde) / len(Y)


@instead_of("cross_entropy_gradient", title="derivative of the softmax applied twice")
def derivative_of_the_softmax_applied_again(ytilde, Y):
    """Your gradient has an extra factor yhat (1 - yhat): the simple formula already includes the derivative of the
    softmax, which cancels with that of the logarithm."""
    probabilities = softmax(ytilde)
    return probabilities * (1 - probabilities) * (probabilities - Y) / len(Y)


@instead_of("cross_entropy_gradient", title="gradient right for one-hot targets only")
def gradient_for_one_hot_targets_only(ytilde, Y):
    """Your gradient is right for one-hot targets and wrong for smoothed ones: you subtract 1 only at the most probable
    class of each target. Every class counts with its share of y."""
    gradient = softmax(ytilde)
    gradient[torch.arange(len(Y)), Y.argmax(dim=1)] -= 1
    return gradient / len(Y)


@instead_of("cross_entropy_gradient")
def gradient_in_float32(ytilde, Y):
    """float64 scores give a float32 gradient: look for a `.float()`, or for a tensor made without a dtype, such as
    `torch.zeros(shape)`, and keep the dtype of the input."""
    gradient = torch.zeros(ytilde.shape)
    gradient[:] = (softmax(ytilde) - Y) / len(Y)
    return gradient


@instead_of("cross_entropy_gradient")
def scores_overwritten_by_their_gradient(ytilde, Y):
    """The gradient is right, but you write it into the tensor of scores that you were given: methods whose names end in
    an underscore, and assignments such as `ytilde[:] = ...`, write into the caller's tensor. Make a new one instead."""
    ytilde.copy_((softmax(ytilde) - Y) / len(Y))
    return ytilde
