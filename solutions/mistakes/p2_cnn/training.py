"""Known mistakes of `training`.

Each takes the place of one function of the reference solution and may use the others. Its name is the mistake, its
docstring the hint that a student reads.
"""

# ruff: noqa: F821  (torch, epoch and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("epoch")
def mean_of_the_batches_means(loader, model, criterion, optimizer=None):
    """Your loss and accuracy are means over the batches, and a short batch weighs as much there as a long one. The last
    batch is nearly always shorter: how should a batch weigh in the mean over the examples?"""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item()
        correct += (scores.argmax(dim=1) == labels).float().mean().item()
        count += 1
    return total / count, correct / count


@instead_of("epoch")
def loss_averaged_over_the_batches(loader, model, criterion, optimizer=None):
    """Your accuracy is a mean over the examples, but your loss is one over the batches: a short batch counts in it as
    much as a long one."""
    training = optimizer is not None
    model.train(training)
    total, correct, count, batches = 0.0, 0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item()
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
        batches += 1
    return total / batches, correct / count


@instead_of("epoch")
def mean_losses_divided_by_the_examples(loader, model, criterion, optimizer=None):
    """Your loss is too small, by about the size of a batch: what the criterion gives is divided by that size already,
    and you divide the sum of such means by the number of examples."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item()
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def loss_summed_over_the_epoch(loader, model, criterion, optimizer=None):
    """Your loss grows with the number of examples: it is their sum, and a mean is asked for."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total, correct / count


@instead_of("epoch")
def every_batch_counted_as_large_as_the_first(loader, model, criterion, optimizer=None):
    """Your means count every batch as if it were as large as the first. A loader's last batch is nearly always
    shorter."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        size = len(labels) if count == 0 else size
        total += loss.item() * size
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += size
    return total / count, correct / count


@instead_of("epoch")
def statistics_of_the_last_batch(loader, model, criterion, optimizer=None):
    """Your loss and accuracy are those of the last batch alone. They are to be means over all examples of the epoch:
    what has to be kept from batch to batch?"""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return loss.item(), (scores.argmax(dim=1) == labels).float().mean().item()


@instead_of("epoch")
def accuracy_as_a_percentage(loader, model, criterion, optimizer=None):
    """Your accuracy is a hundred times too large: a fraction in [0, 1] is asked for, not a percentage."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, 100 * correct / count


@instead_of("epoch")
def accuracy_as_a_count(loader, model, criterion, optimizer=None):
    """Your accuracy is the number of right answers. A fraction of all examples is asked for."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct


@instead_of("epoch")
def accuracy_and_loss_swapped(loader, model, criterion, optimizer=None):
    """You return the accuracy first and the loss second. It is (loss, accuracy)."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return correct / count, total / count


@instead_of("epoch")
def largest_score_over_the_batch(loader, model, criterion, optimizer=None):
    """Your accuracy looks for the largest score in the wrong direction: over the examples, for each class. Scores are
    (batch, classes), and the largest is wanted for each example."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        best = scores.argmax(dim=0)
        correct += sum(int(best[label] == i) for i, label in enumerate(labels))
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def evaluation_in_train_mode(loader, model, criterion, optimizer=None):
    """Your evaluation runs in train mode: dropout is active, and batch norm takes its statistics from the test batch
    and updates the running ones with it. Which call changes the mode of a model?"""
    training = optimizer is not None
    model.train()
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def mode_never_set(loader, model, criterion, optimizer=None):
    """Your model keeps whatever mode it comes in. A model that has been evaluated would then be trained in eval mode,
    and one that has been trained be evaluated in train mode. Set the mode, each time, and by a method that reaches the
    layers inside: each has a flag `training` of its own, and dropout and batch norm look at theirs."""
    training = optimizer is not None
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def train_mode_never_set(loader, model, criterion, optimizer=None):
    """Your model is put into eval mode for an evaluation, and never back: the next epoch of training runs in eval mode,
    without dropout, and its batch norm learns no statistics."""
    training = optimizer is not None
    if not training:
        model.eval()
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def modes_swapped(loader, model, criterion, optimizer=None):
    """Your model is trained in eval mode and evaluated in train mode. Which of the two has an optimizer?"""
    training = optimizer is not None
    model.train(not training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def evaluation_with_gradients(loader, model, criterion, optimizer=None):
    """Your evaluation lets autograd record every operation, and throws the record away. It costs memory and time, and
    eval mode does not stop it: that is a switch of its own, and it has to be on while the model runs, not for the loss
    alone."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        scores = model(images)
        loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def evaluation_that_trains(loader, model, criterion, optimizer=None):
    """Your evaluation changes the model: it takes steps of an optimizer of its own. Without an optimizer nothing of the
    model may change, or the test set is trained on."""
    training = optimizer is not None
    model.train(training)
    optimizer = optimizer or torch.optim.SGD(model.parameters(), lr=0.01)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.enable_grad():
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def gradients_never_zeroed(loader, model, criterion, optimizer=None):
    """From your second step on, each step adds the gradients of all the steps before it. `backward` adds to what it
    finds in `.grad`: who clears it, and when?"""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def gradients_zeroed_once_an_epoch(loader, model, criterion, optimizer=None):
    """You clear the gradients once, before the first batch. `backward` adds to what it finds, so that within an epoch
    each step still adds those of the batches before."""
    training = optimizer is not None
    model.train(training)
    if training:
        optimizer.zero_grad()
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def no_step(loader, model, criterion, optimizer=None):
    """Your model never changes in training: the gradients are computed, and nothing uses them, or they are cleared
    before the step that was to. Who moves the parameters, and when are old gradients no longer needed?"""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def one_step_an_epoch(loader, model, criterion, optimizer=None):
    """Your training takes a single step an epoch, after the loop. Each batch is to have its own: that is what makes the
    descent stochastic, and fast."""
    training = optimizer is not None
    model.train(training)
    if training:
        optimizer.zero_grad()
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            loss.backward()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    if training:
        optimizer.step()
    return total / count, correct / count


@instead_of("epoch")
def two_steps_a_batch(loader, model, criterion, optimizer=None):
    """Your training takes two steps for each batch with the same gradient, which is to go twice as far. One is asked
    for."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def loss_multiplied_by_the_batch_size(loader, model, criterion, optimizer=None):
    """Your steps are too large, by the size of the batch: you multiply the loss by it for the mean, and go down the
    gradient of the product. What the criterion gives is what to descend."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels) * len(labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item()
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def last_batch_left_out(loader, model, criterion, optimizer=None):
    """Your epoch never sees the last batch. It is shorter than the others as a rule, and its examples count like all
    others."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in list(loader)[:-1]:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def return_inside_the_loop(loader, model, criterion, optimizer=None):
    """Your epoch ends after its first batch. Look at how far the `return` is indented."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
        return total / count, correct / count


@instead_of("epoch")
def loader_measured_with_len(loader, model, criterion, optimizer=None):
    """Your means ask the loader for the size of its dataset. A DataLoader has one; a list has not, nor has a loader of
    one's own. The batches tell how many examples there are."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / len(loader.dataset), correct / len(loader.dataset)


@instead_of("epoch")
def batch_size_asked_of_the_loader(loader, model, criterion, optimizer=None):
    """Your means weigh each batch with the loader's `batch_size`. A list has none, and the last batch is shorter than
    it says."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * loader.batch_size
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def own_criterion(loader, model, criterion, optimizer=None):
    """Your epoch always descends the plain cross-entropy, whatever criterion it is given. An argument that is never
    looked at is a trap for whoever passes it."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = nn.functional.cross_entropy(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def own_optimizer(loader, model, criterion, optimizer=None):
    """Your epoch steps with an optimizer of its own making, and takes nothing but the learning rate from the one it is
    given: its momentum, its kind and its memory of earlier steps are lost."""
    training = optimizer is not None
    model.train(training)
    if training:
        optimizer = torch.optim.SGD(model.parameters(), lr=optimizer.param_groups[0]["lr"])
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def loss_detached(loader, model, criterion, optimizer=None):
    """PyTorch refuses your `backward`: the loss was made a plain number, or a new tensor, before it. What autograd has
    not recorded it cannot derive. Keep the loss as the criterion gives it, and take the number out of it afterwards."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = torch.tensor(criterion(scores, labels).item())
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def softmax_before_the_criterion(loader, model, criterion, optimizer=None):
    """You apply a softmax to the scores before the criterion, which expects scores: PyTorch's cross-entropy does that
    itself, and twice is once too often."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores.softmax(dim=1), labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def measured_after_the_step(loader, model, criterion, optimizer=None):
    """In training your loss is that of the model after its step on the very batch, which looks better than it is. The
    scores that the step is made from are what is asked for, and they are there already."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scores = model(images)
            loss = criterion(scores, labels)
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch")
def measured_before_the_epoch(loader, model, criterion, optimizer=None):
    """In training your loss is that of the model before its first step: you evaluate all batches, and train afterwards.
    It costs a second pass, and says nothing of what the steps were made from. Measure on the way."""

    def measure():
        model.eval()
        total, correct, count = 0.0, 0, 0
        for images, labels in loader:
            with torch.no_grad():
                scores = model(images)
            total += criterion(scores, labels).item() * len(labels)
            correct += (scores.argmax(dim=1) == labels).sum().item()
            count += len(labels)
        return total / count, correct / count

    measured = measure()
    if optimizer is not None:
        model.train()
        for images, labels in loader:
            optimizer.zero_grad()
            criterion(model(images), labels).backward()
            optimizer.step()
    return measured


@instead_of("epoch")
def nothing_returned(loader, model, criterion, optimizer=None):
    """Your `epoch` returns None: a `return` is missing at the end."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)


@instead_of("epoch")
def loss_alone_returned(loader, model, criterion, optimizer=None):
    """Your `epoch` returns the loss alone. (loss, accuracy) is asked for."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count


@instead_of("exponential_lr")
def decayed_before_the_first_epoch(eta0, gamma, epochs):
    """Your first learning rate has been multiplied by gamma already. The first epoch has eta0 itself: how often has the
    rate decayed by then?"""
    return [eta0 * gamma ** (k + 1) for k in range(epochs)]


@instead_of("exponential_lr")
def one_rate_too_many(eta0, gamma, epochs):
    """You give one learning rate more than there are epochs: the one after the last."""
    return [eta0 * gamma**k for k in range(epochs + 1)]


@instead_of("exponential_lr")
def linear_decay(eta0, gamma, epochs):
    """Your learning rate loses the same amount each epoch. Multiplied by the same factor, it loses a part of what is
    left."""
    return [eta0 * (1 - (1 - gamma) * k) for k in range(epochs)]


@instead_of("exponential_lr")
def natural_exponential(eta0, gamma, epochs):
    """Your learning rate decays by exp(-gamma) from each epoch to the next. The factor is gamma itself: with 0.95 a
    rate loses a twentieth."""
    return [eta0 * float(torch.exp(torch.tensor(-gamma * k))) for k in range(epochs)]


@instead_of("exponential_lr")
def inverse_decay(eta0, gamma, epochs):
    """Your learning rate is divided by 1 + gamma k. That is another schedule: here each rate is gamma times the one
    before."""
    return [eta0 / (1 + gamma * k) for k in range(epochs)]


@instead_of("exponential_lr")
def factor_times_the_epoch(eta0, gamma, epochs):
    """You multiply by gamma times the number of the epoch, where the factor is gamma to that power: your first rate is
    0."""
    return [eta0 * gamma * k for k in range(epochs)]


@instead_of("exponential_lr")
def the_last_rate_alone(eta0, gamma, epochs):
    """You return one learning rate, that of the last epoch. A list is asked for, with that of each."""
    return eta0 * gamma ** (epochs - 1)


@instead_of("exponential_lr")
def power_of_the_wrong_number(eta0, gamma, epochs):
    """You take the power of the wrong number, or of the product: it is gamma alone that is taken to the power, and eta0
    stays."""
    return [(eta0 * gamma) ** k for k in range(epochs)]


@instead_of("fit")
def decay_before_the_first_epoch_of_fit(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your schedule steps before the epoch, so that the first one already has a rate of eta times gamma. It decays once
    an epoch, after it."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        scheduler.step()
        history.append(epoch(train_loader, model, criterion, optimizer))
    return history


@instead_of("fit")
def decay_with_each_batch(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your learning rate decays with each batch, and is next to nothing before the first epoch has ended. Once an epoch
    is asked for: which loop does the schedule's step belong to?"""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        total, correct, count = 0.0, 0, 0
        for batch in train_loader:
            loss, accuracy = epoch([batch], model, criterion, optimizer)
            scheduler.step()
            total, correct = total + loss * len(batch[1]), correct + accuracy * len(batch[1])
            count += len(batch[1])
        history.append((total / count, correct / count))
    return history


@instead_of("fit")
def no_decay(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your learning rate stays as it was, whatever `gamma` says: nothing lets it decay after an epoch."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
    return history


@instead_of("fit")
def eta_not_passed_on(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your descent always steps with 0.1, whatever `eta` says: look at what the optimizer is given."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit")
def default_rate_of_the_optimizer(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your optimizer is not told its learning rate, and takes PyTorch's default, 0.001: training hardly moves."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters())
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit")
def momentum_nobody_asked_for(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your optimizer has a momentum: each step carries most of the steps before it along. Plain descent is asked
    for."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit")
def adam_in_place_of_sgd(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your optimizer is Adam, which scales every step by the size of the gradients before. Plain stochastic gradient
    descent is asked for."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit")
def weight_decay_nobody_asked_for(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your optimizer pulls all weights towards zero as well: a weight decay is set. Plain descent is asked for."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta, weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit")
def optimizer_of_the_last_layer_alone(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your optimizer was given part of the model's parameters, and the others never change. Which method lists them
    all?"""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(list(model.parameters())[-1:], lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit")
def history_not_returned(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your `fit` returns None: a `return` is missing at the end."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()


@instead_of("fit")
def history_of_losses_alone(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your history holds the losses alone. Each of its entries is to be the pair (loss, accuracy)."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer)[0])
        scheduler.step()
    return history


@instead_of("fit")
def two_lists_in_place_of_pairs(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """You return a list of losses and a list of accuracies. A single list is asked for, with a pair for each epoch."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return [pair[0] for pair in history], [pair[1] for pair in history]


@instead_of("fit")
def the_last_epoch_alone_in_the_history(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your history holds its last epoch alone: it is begun anew in each. Where should the empty list stand?"""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history = []
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit")
def history_from_an_evaluation(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your history is that of an evaluation after each epoch. What the epoch itself has measured, on the way, is asked
    for, and it costs nothing more."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        epoch(train_loader, model, criterion, optimizer)
        history.append(epoch(train_loader, model, criterion))
        scheduler.step()
    return history


@instead_of("fit")
def history_of_the_wrong_epoch(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Each entry of your history is measured before its epoch: the model is evaluated first, and trained then."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion))
        epoch(train_loader, model, criterion, optimizer)
        scheduler.step()
    return history


@instead_of("fit")
def evaluated_in_place_of_trained(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your model never changes: `epoch` gets no optimizer, and without one it evaluates."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion))
        scheduler.step()
    return history


@instead_of("fit")
def left_in_eval_mode_after_the_first_epoch(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your model is in train mode in the first epoch, and in eval mode in all after it: it is put there to be
    evaluated, and nobody puts it back. The call that sets train mode belongs into the loop."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    model.train()
    for _ in range(epochs):
        total, correct, count = 0.0, 0, 0
        for images, labels in train_loader:
            scores = model(images)
            loss = criterion(scores, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
            correct += (scores.argmax(dim=1) == labels).sum().item()
            count += len(labels)
        model.eval()
        history.append((total / count, correct / count))
        scheduler.step()
    return history


@instead_of("fit")
def one_epoch_too_few(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your training has one epoch less than asked for: look at where the range begins."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(1, epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit")
def batches_of_the_first_epoch_kept(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your training goes through the batches of the first epoch in each of them. A loader shuffles anew each time it is
    iterated over, and a list made of it does not."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    train_loader = list(train_loader)
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit")
def loader_used_up_in_the_first_epoch(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your second epoch finds no batch: an iterator was made from the loader once, and the first epoch has used it up.
    Ask the loader itself in each epoch."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    train_loader = iter(train_loader)
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit")
def a_copy_is_trained(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your `fit` trains a copy, and the caller's model stays as it was. The model that comes in is the one to train."""
    import copy

    model = copy.deepcopy(model)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit")
def model_begun_anew(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your `fit` draws new weights before it trains. It is to go on from the model as it comes, which may have been
    trained."""
    for layer in model.modules():
        if hasattr(layer, "reset_parameters"):
            layer.reset_parameters()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit")
def loss_that_sums(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your criterion sums over the batch: the steps are too large by its size, and your loss is no mean."""
    criterion = nn.CrossEntropyLoss(reduction="sum")
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit")
def label_smoothing_nobody_asked_for(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your criterion smooths the labels: part of each target is spread over all classes. Plain cross-entropy is asked
    for."""
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history
