"""Known mistakes of `training`.

Each takes the place of one function of the reference solution and may use the others. Students read its title, which is
its name in plain words unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821  (torch, epoch and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("epoch", title="loss and accuracy averaged over batches")
def mean_of_the_batches_means(loader, model, criterion, optimizer=None):
    """Your loss and accuracy are means over the batches, where a short batch has the same weight as a long one. The
    last batch is nearly always shorter: which weight should a batch have in the mean over the examples?"""
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
    """Your accuracy is a mean over the examples, but your loss is a mean over the batches: a short batch has the same
    weight as a long one."""
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


@instead_of("epoch", title="sum of batch means divided by the number of examples")
def mean_losses_divided_by_the_examples(loader, model, criterion, optimizer=None):
    """Your loss is too small, by about the size of a batch: the criterion already divides by that size, and you divide
    the sum of these means by the number of examples."""
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
    """Your loss grows with the number of examples: it is their sum, but should be their mean."""
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


@instead_of("epoch", title="every batch weighted by the size of the first")
def every_batch_counted_as_large_as_the_first(loader, model, criterion, optimizer=None):
    """Your means count every batch as if it were as large as the first. The last batch of a loader is nearly always
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


@instead_of("epoch", title="loss and accuracy of the last batch only")
def statistics_of_the_last_batch(loader, model, criterion, optimizer=None):
    """Your loss and accuracy are those of the last batch. They should be means over all examples of the epoch: what has
    to be accumulated from batch to batch?"""
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
    """Your accuracy is a hundred times too large: it should be a fraction in [0, 1], not a percentage."""
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
    """Your accuracy is the number of right answers. It should be a fraction of all examples."""
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


@instead_of("epoch", title="loss and accuracy returned in the wrong order")
def accuracy_and_loss_swapped(loader, model, criterion, optimizer=None):
    """You return the accuracy first and the loss second. The order is (loss, accuracy)."""
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


@instead_of("epoch", title="argmax over the batch")
def largest_score_over_the_batch(loader, model, criterion, optimizer=None):
    """Your accuracy looks for the largest score in the wrong direction: over the examples, for each class. Scores are
    (batch, classes), and you need the largest for each example."""
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
    """Your evaluation runs in train mode: dropout is active, and batch norm uses the statistics of the test batch and
    updates the running ones with them. Which method changes the mode of a model?"""
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


@instead_of("epoch", title="train or eval mode never set")
def mode_never_set(loader, model, criterion, optimizer=None):
    """Your model keeps whatever mode it comes in: after an evaluation it would be trained in eval mode, and after
    training it would be evaluated in train mode. Set the mode each time, with a method that reaches the layers inside:
    dropout and batch norm look at their own `training` flag."""
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
    """You put your model into eval mode for an evaluation and never back: the next epoch of training runs in eval mode,
    without dropout, and its batch norm does not update its statistics."""
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


@instead_of("epoch", title="train and eval mode swapped")
def modes_swapped(loader, model, criterion, optimizer=None):
    """You train your model in eval mode and evaluate it in train mode. Which of the two has an optimizer?"""
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


@instead_of("epoch", title="evaluation recorded by autograd")
def evaluation_with_gradients(loader, model, criterion, optimizer=None):
    """Your evaluation lets autograd record every operation and then discards the record. That costs memory and time,
    and eval mode does not prevent it: switch recording off while the model runs, not only for the loss."""
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


@instead_of("epoch", title="gradients left off after an evaluation")
def gradients_left_off(loader, model, criterion, optimizer=None):
    """Your evaluation switches autograd's recording off and never on again: whatever runs after it can no longer be
    trained. The setting is global, so where should it end?"""
    training = optimizer is not None
    model.train(training)
    torch.set_grad_enabled(training)
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


@instead_of("epoch", title="accuracy cut to a whole number")
def accuracy_cut_to_a_whole_number(loader, model, criterion, optimizer=None):
    """Your accuracy is 0 unless every answer is right: the division by // drops what comes after the decimal point."""
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
    return total / count, correct // count


@instead_of("epoch", title="learning rate changed inside epoch")
def rate_decayed_in_the_epoch(loader, model, criterion, optimizer=None):
    """Your epoch makes the optimizer's learning rate smaller after each batch. The rate belongs to whoever made the
    optimizer: a schedule changes it between epochs."""
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
            for group in optimizer.param_groups:
                group["lr"] *= 0.95
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch", title="gradients clipped")
def gradients_clipped(loader, model, criterion, optimizer=None):
    """You clip the gradients before each step. The exercise asks for steps along the gradient as it is."""
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
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch", title="evaluation changes the model")
def evaluation_that_trains(loader, model, criterion, optimizer=None):
    """Your evaluation changes the model: it takes steps with an optimizer of its own. Without an optimizer the model
    must not change, or you train on the test set."""
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
    """From your second step on, each step adds the gradients of all the steps before it. `backward` adds to what is
    already in `.grad`: where and when do you clear it?"""
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


@instead_of("epoch", title="gradients zeroed only once per epoch")
def gradients_zeroed_once_per_epoch(loader, model, criterion, optimizer=None):
    """You clear the gradients once, before the first batch. `backward` adds to what is already there, so within an
    epoch each step still includes the gradients of the batches before."""
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


@instead_of("epoch", title="optimizer never steps")
def no_step(loader, model, criterion, optimizer=None):
    """Your model never changes in training: you compute the gradients and never use them. Which call changes the
    parameters?"""
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


@instead_of("epoch", title="only one step per epoch")
def one_step_per_epoch(loader, model, criterion, optimizer=None):
    """Your training takes a single step per epoch, after the loop. Each batch should have its own step: that is what
    makes the descent stochastic, and fast."""
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
def two_steps_per_batch(loader, model, criterion, optimizer=None):
    """Your training takes two steps for each batch with the same gradient, which goes twice as far. Take only one."""
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


@instead_of("epoch", title="gradient of the summed loss")
def loss_multiplied_by_the_batch_size(loader, model, criterion, optimizer=None):
    """Your steps are too large by the size of the batch: you multiply the loss by it for the mean, and then
    differentiate the product. Differentiate what the criterion returns."""
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
    """Your epoch never uses the last batch. It is usually shorter than the others, but its examples count like all the
    rest."""
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


@instead_of("epoch", title="epoch ends after the first batch")
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


@instead_of("epoch", title="number of examples taken from the loader's dataset")
def loader_measured_with_len(loader, model, criterion, optimizer=None):
    """Your means ask the loader for the size of its dataset. A DataLoader has one, but a list of batches does not.
    Count the examples in the batches instead."""
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


@instead_of("epoch", title="batch size taken from the loader")
def batch_size_asked_of_the_loader(loader, model, criterion, optimizer=None):
    """Your means weight each batch with the loader's `batch_size`. A list has no such attribute, and the last batch is
    shorter than it says."""
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


@instead_of("epoch", title="criterion ignored")
def own_criterion(loader, model, criterion, optimizer=None):
    """Your epoch always uses the plain cross-entropy, whatever criterion it is given. Use the argument."""
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


@instead_of("epoch", title="optimizer replaced by a new one")
def own_optimizer(loader, model, criterion, optimizer=None):
    """Your epoch steps with a new optimizer, and takes only the learning rate from the one it is given: its type, its
    momentum and its memory of earlier steps are lost."""
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


@instead_of("epoch", title="loss detached from the graph")
def loss_detached(loader, model, criterion, optimizer=None):
    """PyTorch refuses your `backward`: you turned the loss into a plain number, or a new tensor, before it. Autograd
    cannot differentiate what it has not recorded. Keep the loss as the criterion returns it, and convert it to a number
    afterwards."""
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
    """You apply a softmax to the scores before the criterion, which expects scores: PyTorch's cross-entropy applies it
    itself, so here it is applied twice."""
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


@instead_of("epoch", title="loss measured after the step")
def measured_after_the_step(loader, model, criterion, optimizer=None):
    """In training you measure the loss after the step on the same batch, which makes the model look better than it is.
    Use the scores that the step was computed from; you already have them."""
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


@instead_of("epoch", title="loss measured before the epoch")
def measured_before_the_epoch(loader, model, criterion, optimizer=None):
    """In training your loss is that of the model before its first step: you evaluate all batches, and train afterwards.
    That costs a second pass and says nothing about the models in between. Measure during training."""

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


@instead_of("epoch", title="gradients cleared before the step")
def cleared_before_the_step(loader, model, criterion, optimizer=None):
    """Your model never changes in training: you compute the gradients and clear them before the step that should use them.
    From when on are the gradients of a batch no longer needed?"""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            loss.backward()
            optimizer.zero_grad()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch", title="loss measured after the epoch")
def measured_after_the_epoch(loader, model, criterion, optimizer=None):
    """In training you make one pass for the steps and a second one to measure, so your loss is that of the model after the
    epoch. Measure each batch in the first pass, with the scores from which its step is computed."""
    if optimizer is not None:
        model.train()
        for images, labels in loader:
            optimizer.zero_grad()
            criterion(model(images), labels).backward()
            optimizer.step()
    model.eval()
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.no_grad():
            scores = model(images)
        total += criterion(scores, labels).item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch", title="parameters frozen by an evaluation")
def frozen_by_an_evaluation(loader, model, criterion, optimizer=None):
    """For an evaluation you switch off the gradients of the parameters themselves, and they stay off: whoever trains the
    model next trains nothing. There is a context that records no gradients and leaves the parameters alone."""
    for parameter in model.parameters():
        parameter.requires_grad_(optimizer is not None)
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


@instead_of("epoch", title="criterion given the labels first")
def labels_before_the_scores(loader, model, criterion, optimizer=None):
    """You pass the labels to the criterion first and the scores second, so it takes the labels, which are whole numbers, for
    scores. In which order does it expect the two?"""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(labels, scores)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch", title="images flattened before the model")
def images_flattened(loader, model, criterion, optimizer=None):
    """You flatten the images before the model gets them. A convolutional network needs their height and width: leave the
    shape to the model."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images.flatten(1))
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch", title="right only with a probability above 1/2")
def right_above_one_half(loader, model, criterion, optimizer=None):
    """You count an example as right if the probability of its class is above one half. With several classes the right one
    may be the likeliest with less: compare it with the others."""
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
        correct += (scores.softmax(dim=1).gather(1, labels[:, None]) > 0.5).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch", title="step before backward")
def step_before_backward(loader, model, criterion, optimizer=None):
    """Your step comes before backward, so each batch is followed by the step of the batch before, and the last one by none.
    What does a step need?"""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            optimizer.step()
            optimizer.zero_grad()
            loss.backward()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch", title="step only every second batch")
def step_every_second_batch(loader, model, criterion, optimizer=None):
    """You add up the gradients of two batches before you step. Each batch should have its own step."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for number, (images, labels) in enumerate(loader):
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels)
        if optimizer is not None:
            loss.backward()
            if number % 2:
                optimizer.step()
                optimizer.zero_grad()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch", title="images normalized in the loop")
def images_normalized(loader, model, criterion, optimizer=None):
    """You shift and scale the images before the model gets them. Preprocessing belongs to the data: your loop should take the
    images as the loader gives them."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        images = (images - 0.5) / 0.5
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


@instead_of("epoch", title="penalty added to the loss")
def penalty_on_the_weights(loader, model, criterion, optimizer=None):
    """You add a penalty on the weights to the loss. The loss should be what the criterion returns."""
    training = optimizer is not None
    model.train(training)
    total, correct, count = 0.0, 0, 0
    for images, labels in loader:
        with torch.set_grad_enabled(training):
            scores = model(images)
            loss = criterion(scores, labels) + 1e-3 * sum(p.pow(2).sum() for p in model.parameters())
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(labels)
        correct += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return total / count, correct / count


@instead_of("epoch", title="loss and accuracy not returned")
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


@instead_of("epoch", title="accuracy not returned")
def loss_alone_returned(loader, model, criterion, optimizer=None):
    """Your `epoch` returns only the loss. Return (loss, accuracy)."""
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


@instead_of("exponential_lr", title="learning rate decayed before the first epoch")
def decayed_before_the_first_epoch(eta0, gamma, epochs):
    """Your first learning rate has already been multiplied by gamma. The first epoch should use eta0 itself: how often
    has the rate decayed by then?"""
    return [eta0 * gamma ** (k + 1) for k in range(epochs)]


@instead_of("exponential_lr", title="one learning rate too many")
def one_rate_too_many(eta0, gamma, epochs):
    """You return one learning rate more than there are epochs."""
    return [eta0 * gamma**k for k in range(epochs + 1)]


@instead_of("exponential_lr", title="linear instead of exponential decay")
def linear_decay(eta0, gamma, epochs):
    """Your learning rate loses the same amount in each epoch. In exponential decay it is multiplied by the same factor
    each time."""
    return [eta0 * (1 - (1 - gamma) * k) for k in range(epochs)]


@instead_of("exponential_lr", title="decay by exp(-gamma) instead of gamma")
def natural_exponential(eta0, gamma, epochs):
    """Your learning rate is multiplied by exp(-gamma) after each epoch. The factor should be gamma itself: with 0.95
    the rate decreases by a twentieth."""
    return [eta0 * float(torch.exp(torch.tensor(-gamma * k))) for k in range(epochs)]


@instead_of("exponential_lr", title="inverse instead of exponential decay")
def inverse_decay(eta0, gamma, epochs):
    """You divide your learning rate by 1 + gamma k. That is another schedule: here each rate is gamma times the one
    before."""
    return [eta0 / (1 + gamma * k) for k in range(epochs)]


@instead_of("exponential_lr", title="gamma multiplied by the epoch instead of raised to it")
def factor_times_the_epoch(eta0, gamma, epochs):
    """You multiply by gamma times the number of the epoch, instead of gamma to that power: your first rate is 0."""
    return [eta0 * gamma * k for k in range(epochs)]


@instead_of("exponential_lr", title="only the last learning rate returned")
def the_last_rate_alone(eta0, gamma, epochs):
    """You return one learning rate, that of the last epoch. Return a list with one for each epoch."""
    return eta0 * gamma ** (epochs - 1)


@instead_of("exponential_lr", title="rates cut to whole numbers for an int")
def rates_of_the_type_of_eta0(eta0, gamma, epochs):
    """If eta0 is an int, your rates are ints as well: a tensor takes its type from the number that it is filled with,
    and the decayed rates lose what comes after the decimal point."""
    rates = torch.full((epochs,), eta0)
    for k in range(1, epochs):
        rates[k] = rates[k - 1] * gamma
    return rates


@instead_of("exponential_lr")
def power_of_the_wrong_number(eta0, gamma, epochs):
    """You raise the wrong number, or the whole product, to the power: only gamma should be raised to it, and eta0 stays
    as it is."""
    return [(eta0 * gamma) ** k for k in range(epochs)]


@instead_of("fit")
def schedule_steps_before_the_first_epoch(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your schedule steps before the epoch, so the first one already has a rate of eta times gamma. It should step once
    per epoch, after it."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        scheduler.step()
        history.append(epoch(train_loader, model, criterion, optimizer))
    return history


@instead_of("fit", title="learning rate decays with each batch")
def decay_with_each_batch(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your learning rate decays with each batch, and is next to nothing before the first epoch has ended. It should
    decay once per epoch: which loop should the schedule's step be in?"""
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


@instead_of("fit", title="learning rate never decays")
def no_decay(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your learning rate stays the same, whatever `gamma` says: it does not decay after an epoch."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
    return history


@instead_of("fit", title="learning rate not passed to the optimizer")
def eta_not_passed_on(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your training always uses the learning rate 0.1, whatever `eta` says: look at what you pass to the optimizer."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit", title="learning rate left at the optimizer's default")
def default_rate_of_the_optimizer(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your optimizer does not get a learning rate and uses PyTorch's default, 0.001: the model hardly changes."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters())
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit")
def momentum_in_the_optimizer(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your optimizer has momentum: each step also includes most of the earlier steps. The exercise asks for plain
    gradient descent."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit")
def adam_instead_of_sgd(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your optimizer is Adam, which scales every step by the size of the earlier gradients. The exercise asks for plain
    stochastic gradient descent."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit")
def weight_decay_in_the_optimizer(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your optimizer also pulls all weights towards zero: weight decay is on. The exercise asks for plain gradient
    descent."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta, weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit")
def softmax_before_the_cross_entropy(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """You apply a softmax to the scores before the cross-entropy, which contains one. Give it the scores."""

    def criterion(scores, labels):
        return nn.functional.cross_entropy(scores.softmax(dim=1), labels)

    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit", title="optimizer gets only the last layer")
def optimizer_of_the_last_layer_alone(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your optimizer gets only some of the model's parameters, and the others never change. Which method lists them
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


@instead_of("fit", title="accuracy missing from the history")
def history_of_losses_alone(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your history holds only the losses. Each of its entries should be the pair (loss, accuracy)."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer)[0])
        scheduler.step()
    return history


@instead_of("fit", title="two lists instead of one list of pairs")
def two_lists_instead_of_pairs(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """You return a list of losses and a list of accuracies. Return a single list with a pair for each epoch."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return [pair[0] for pair in history], [pair[1] for pair in history]


@instead_of("fit", title="only the last epoch in the history")
def the_last_epoch_alone_in_the_history(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your history holds only the last epoch: you start a new list in each one. Where should the empty list be made?"""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history = []
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit", title="history measured by a separate evaluation")
def history_from_an_evaluation(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your history comes from an evaluation after each epoch. Use what the training epoch itself returns; that costs
    nothing extra."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        epoch(train_loader, model, criterion, optimizer)
        history.append(epoch(train_loader, model, criterion))
        scheduler.step()
    return history


@instead_of("fit", title="history measured before each epoch")
def history_of_the_wrong_epoch(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """You measure each entry of your history before its epoch: you evaluate the model first, and train it
    afterwards."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion))
        epoch(train_loader, model, criterion, optimizer)
        scheduler.step()
    return history


@instead_of("fit", title="model evaluated instead of trained")
def evaluated_instead_of_trained(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your model never changes: `epoch` gets no optimizer, and without one it evaluates."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion))
        scheduler.step()
    return history


@instead_of("fit", title="eval mode from the second epoch on")
def left_in_eval_mode_after_the_first_epoch(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your model is in train mode in the first epoch, and in eval mode in all later ones: you switch to eval mode for
    an evaluation and never back. The call that sets train mode belongs inside the loop."""
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
    """Your training runs one epoch less than it should: look at where the range starts."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(1, epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit", title="batches of the first epoch reused")
def batches_of_the_first_epoch_kept(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your training uses the batches of the first epoch in every epoch. A loader shuffles each time you iterate over
    it, but a list made from it does not."""
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
    """Your second epoch has no batches: you made one iterator from the loader, and the first epoch has used it up.
    Iterate over the loader itself in each epoch."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    train_loader = iter(train_loader)
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit", title="copy of the model trained")
def copy_trained(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your `fit` trains a copy, and the caller's model does not change. Train the model that is passed in."""
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


@instead_of("fit", title="model initialized again before training")
def model_reinitialized(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your `fit` draws new weights before it trains. It should continue with the model as it is, which may already have
    been trained."""
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


@instead_of("fit", title="loss summed over the batch")
def loss_that_sums(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your criterion sums over the batch: the steps are too large by a factor of its size, and your loss is not a
    mean."""
    criterion = nn.CrossEntropyLoss(reduction="sum")
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history


@instead_of("fit", title="training stopped early")
def stopped_early(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """You stop when the loss rises. Early stopping is judged on validation data; here `epochs` says how long to train."""
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, nn.CrossEntropyLoss(), optimizer))
        scheduler.step()
        if len(history) > 1 and history[-1][0] > history[-2][0]:
            break
    return history


@instead_of("fit", title="learning rates in reverse order")
def rates_reversed(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your learning rate is smallest in the first epoch and eta in the last. It should fall from eta on."""
    history = []
    for rate in reversed(exponential_lr(eta, gamma, epochs)):
        optimizer = torch.optim.SGD(model.parameters(), lr=rate)
        history.append(epoch(train_loader, model, nn.CrossEntropyLoss(), optimizer))
    return history


@instead_of("fit", title="gamma passed on as the momentum")
def gamma_as_the_momentum(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """You give gamma to the optimizer, whose third argument is its momentum. The steps then add up, and the learning rate
    does not decay. Name the arguments, and change the rate after each epoch."""
    optimizer = torch.optim.SGD(model.parameters(), eta, gamma)
    return [epoch(train_loader, model, nn.CrossEntropyLoss(), optimizer) for _ in range(epochs)]


@instead_of("fit", title="model returned with the history")
def model_and_history(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """You return the model and the history. The model is trained in place, so the caller has it already: return the history
    alone."""
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, nn.CrossEntropyLoss(), optimizer))
        scheduler.step()
    return model, history


@instead_of("fit", title="gradient followed uphill")
def uphill(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """You add the gradient to the weights, so the loss rises. Which way does the gradient point?"""
    history = []
    for k in range(epochs):
        model.train()
        total, correct, count = 0.0, 0, 0
        for images, labels in train_loader:
            scores = model(images)
            loss = nn.functional.cross_entropy(scores, labels)
            model.zero_grad()
            loss.backward()
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter += eta * gamma**k * parameter.grad
            total += loss.item() * len(labels)
            correct += (scores.argmax(dim=1) == labels).sum().item()
            count += len(labels)
        history.append((total / count, correct / count))
    return history


@instead_of("fit", title="decayed rate decayed again by a power")
def power_of_a_decayed_rate(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """You multiply the rate of the epoch before by a power of gamma that grows, so it falls faster and faster. Either a power
    of gamma times eta, or gamma times the rate before."""
    history, rate = [], eta
    for k in range(epochs):
        rate = rate * gamma**k
        optimizer = torch.optim.SGD(model.parameters(), lr=rate)
        history.append(epoch(train_loader, model, nn.CrossEntropyLoss(), optimizer))
    return history


@instead_of("fit", title="train mode never set in fit")
def mode_never_set_in_fit(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your `fit` has a loop of its own and never puts the model in train mode, so one that comes in eval mode trains without
    its dropout and with old statistics."""
    history = []
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    for k in range(epochs):
        total, correct, count = 0.0, 0, 0
        for group in optimizer.param_groups:
            group["lr"] = eta * gamma**k
        for images, labels in train_loader:
            scores = model(images)
            loss = nn.functional.cross_entropy(scores, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
            correct += (scores.argmax(dim=1) == labels).sum().item()
            count += len(labels)
        history.append((total / count, correct / count))
    return history


@instead_of("fit", title="accuracy and loss swapped in the history")
def history_swapped(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your history has the accuracy first and the loss second, but it should be (loss, accuracy), as `epoch` returns it."""
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        loss, accuracy = epoch(train_loader, model, nn.CrossEntropyLoss(), optimizer)
        history.append((accuracy, loss))
        scheduler.step()
    return history


@instead_of("fit")
def label_smoothing_in_the_loss(model, train_loader, epochs, eta=0.1, gamma=1.0):
    """Your criterion smooths the labels: part of each target is spread over all classes. The exercise asks for the
    plain cross-entropy."""
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.SGD(model.parameters(), lr=eta)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    history = []
    for _ in range(epochs):
        history.append(epoch(train_loader, model, criterion, optimizer))
        scheduler.step()
    return history
