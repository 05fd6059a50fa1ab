"""Known mistakes of `convnet`.

Each takes the place of the class of the reference solution, and inherits what it does not change. Students read its
title, which is its name in plain words unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821  (torch, nn and ConvNet are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("ConvNet")
class padding_left_out(ConvNet):
    """Your network has 231,170 parameters: its convolutions have no padding, so each of them takes four pixels off the
    height and the width, and a single one is left for fc4. How much padding keeps the size with a kernel of 5?"""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for layer in self.features:
            if isinstance(layer, nn.Conv2d):
                layer.padding = (0, 0)
        self.classifier[0] = nn.Linear(64, 1000)


@instead_of("ConvNet", title="padding of 1 instead of 2")
class padding_of_one(ConvNet):
    """Your convolutions pad by one pixel, which is right for kernels of 3×3. These are 5×5: how far does the kernel
    reach over the edge when its centre is on the outermost pixel?"""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for layer in self.features:
            if isinstance(layer, nn.Conv2d):
                layer.padding = (1, 1)
        self.classifier[0] = nn.Linear(64 * 2 * 2, 1000)


@instead_of("ConvNet")
class padding_by_reflection(ConvNet):
    """Your convolutions extend the image beyond its edge by its mirror image. They should pad with zeros, which is the
    default."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.Conv2d):
                self.features[place] = nn.Conv2d(
                    layer.in_channels, layer.out_channels, 5, padding=2, padding_mode="reflect"
                )


@instead_of("ConvNet", title="kernels of 3×3 instead of 5×5")
class kernels_of_three(ConvNet):
    """Your convolutions have kernels of 3×3, with a padding that fits. The sizes of the maps are right, but the number
    of parameters is not: the kernels should be 5×5."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.Conv2d):
                self.features[place] = nn.Conv2d(layer.in_channels, layer.out_channels, 3, padding=1)


@instead_of("ConvNet", title="32 filters in conv3 instead of 64")
class conv3_with_32_filters(ConvNet):
    """Your conv3 has 32 filters instead of 64, so fc4 gets only half as many inputs as it should."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.features[-3 - batch_norm] = nn.Conv2d(64, 32, 5, padding=2)
        if batch_norm:
            self.features[-3] = nn.BatchNorm2d(32)
        self.classifier[0] = nn.Linear(32 * 4 * 4, 1000)


@instead_of("ConvNet")
class channels_of_conv1_and_conv2_swapped(ConvNet):
    """Your conv1 has 64 filters and your conv2 has 32. The table has them the other way round: few where the maps are large,
    more where they are small."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        sizes = iter(((3, 64), (64, 32), (32, 64)))
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.Conv2d):
                inputs, outputs = next(sizes)
                self.features[place] = nn.Conv2d(inputs, outputs, 5, padding=2)
            if isinstance(layer, nn.BatchNorm2d):
                self.features[place] = nn.BatchNorm2d(outputs)


@instead_of("ConvNet")
class convolutions_without_bias(ConvNet):
    """160 parameters are missing: your convolutions have no bias. With batch norm the bias has no effect and may be
    left out; without it, the convolutions need one."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.Conv2d):
                self.features[place] = nn.Conv2d(layer.in_channels, layer.out_channels, 5, padding=2, bias=False)


@instead_of("ConvNet")
class fc5_without_bias(ConvNet):
    """10 parameters are missing: fc5 has no bias, so the scores cannot favour a class regardless of the input."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier[3] = nn.Linear(1000, 10, bias=False)


@instead_of("ConvNet", title="1024 neurons in fc4 instead of 1000")
class fc4_with_1024_neurons(ConvNet):
    """Your fc4 has as many neurons as inputs, 1024. The table says 1000."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier[0] = nn.Linear(1024, 1024)
        self.classifier[3] = nn.Linear(1024, 10)


@instead_of("ConvNet", title="only one fully-connected layer")
class one_fully_connected_layer(ConvNet):
    """Your network goes from the maps to the scores in one layer. There should be two fully-connected layers: 1000
    neurons with a ReLU, and then ten scores."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(1024, 10))


@instead_of("ConvNet")
class fc4_twice(ConvNet):
    """Your network has one fully-connected layer too many, from 1000 to 1000. Count the layers of the table after
    pool3."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier.insert(2, nn.Linear(1000, 1000))
        self.classifier.insert(3, nn.ReLU())


@instead_of("ConvNet", title="eleven classes instead of ten")
class eleven_classes(ConvNet):
    """Your network gives eleven scores for an image. There are ten classes."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier[3] = nn.Linear(1000, 11)


@instead_of("ConvNet")
class pool3_left_out(ConvNet):
    """After conv3 your network has no pooling: fc4 gets maps of 8×8 instead of 4×4, and four times as many
    parameters."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.features[-1] = nn.Identity()
        self.classifier[0] = nn.Linear(64 * 8 * 8, 1000)


@instead_of("ConvNet")
class pool3_without_ceil_mode(ConvNet):
    """Crops of 28×28 pixels do not work: they are 7×7 before pool3, which leaves out the last row and column and gives
    3×3, but fc4 needs 4×4. A pooling layer can also count the windows that reach over the edge."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.features[-1].ceil_mode = False


@instead_of("ConvNet", title="average pooling instead of max pooling")
class average_pooling(ConvNet):
    """Your pooling layers average over their windows, so a strong response of a filter is diluted by the weak ones
    beside it. They should take the maximum."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.MaxPool2d):
                self.features[place] = nn.AvgPool2d(2, 2, ceil_mode=layer.ceil_mode)


@instead_of("ConvNet", title="pooling windows of 3×3 instead of 2×2")
class pools_of_three(ConvNet):
    """Your pooling windows are 3×3 and overlap. The sizes of the maps are right, but the windows should be 2×2 with
    stride 2."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.MaxPool2d):
                self.features[place] = nn.MaxPool2d(3, stride=2, padding=1)


@instead_of("ConvNet", title="adaptive pooling instead of pool3")
class adaptive_pooling_at_the_end(ConvNet):
    """Your pool3 makes maps of 4×4 from any size, with windows that overlap where the size does not divide evenly. For
    8×8 that gives the same result; for the 7×7 of a crop it does not: there the windows should stay 2×2, and the last
    ones reach over the edge."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.features[-1] = nn.AdaptiveMaxPool2d(4)


@instead_of("ConvNet")
class stride_instead_of_pooling(ConvNet):
    """You make your maps smaller by taking every second pixel. You should take the maximum over 2×2 pixels, which looks
    at all of them."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.MaxPool2d):
                self.features[place] = nn.MaxPool2d(1, stride=2)


@instead_of("ConvNet")
class relu_missing_after_conv1(ConvNet):
    """Between your conv1 and conv2 the only nonlinearity is the maximum of the pooling: the ReLU is missing."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.features[1 + batch_norm] = nn.Identity()


@instead_of("ConvNet")
class relu_missing_after_conv2(ConvNet):
    """Your conv2 has no ReLU after it, although the other convolutions have one."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        first = next(i for i, layer in enumerate(self.features) if i > 3 and isinstance(layer, nn.ReLU))
        self.features[first] = nn.Identity()


@instead_of("ConvNet")
class relu_missing_after_conv3(ConvNet):
    """The input of fc4 has not passed through a ReLU: it is missing after conv3."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.features[-2] = nn.Identity()


@instead_of("ConvNet")
class relu_missing_after_fc4(ConvNet):
    """There is no activation between your two fully-connected layers, and two linear maps in a row can do no more than
    one."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier[1] = nn.Identity()


@instead_of("ConvNet")
class tanh_instead_of_relu(ConvNet):
    """You use a tanh after your convolutions. Use the ReLU, whose gradient does not vanish for large inputs."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.ReLU):
                self.features[place] = nn.Tanh()


@instead_of("ConvNet", title="leaky ReLU instead of ReLU")
class leaky_relu(ConvNet):
    """Your activations let one hundredth of each negative value pass: that is the leaky ReLU. Use the plain one."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.ReLU):
                self.features[place] = nn.LeakyReLU()


@instead_of("ConvNet")
class relu_on_the_scores(ConvNet):
    """None of your scores is negative: you apply a ReLU after fc5. It hides how wrong a class is, and passes no
    gradient to scores that are 0. The last layer returns the scores, with nothing after it."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier.append(nn.ReLU())


@instead_of("ConvNet")
class softmax_in_the_network(ConvNet):
    """Your network returns probabilities: its rows sum to 1. PyTorch's cross-entropy takes scores and applies the
    softmax itself, so in training it is applied twice, and the gradients become small. Where should the network end?"""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier.append(nn.Softmax(dim=1))


@instead_of("ConvNet")
class log_softmax_in_the_network(ConvNet):
    """Your network returns the logarithms of probabilities. That goes with another loss, NLLLoss; here the network
    should return scores."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier.append(nn.LogSoftmax(dim=1))


@instead_of("ConvNet")
class dropout_after_fc5(ConvNet):
    """In training some of your scores are 0: you apply dropout after fc5, which removes whole classes. It belongs
    between fc4 and fc5."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier[2] = nn.Identity()
        self.classifier.append(nn.Dropout(dropout))


@instead_of("ConvNet")
class dropout_before_fc4(ConvNet):
    """Your dropout comes before fc4 and drops values of the maps. It belongs one layer later."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier[2] = nn.Identity()
        self.classifier.insert(0, nn.Dropout(dropout))


@instead_of("ConvNet")
class dropout_on_the_feature_maps(ConvNet):
    """Your convolutions have dropout too. Their few weights are used at every pixel and need it least; here dropout
    belongs only between fc4 and fc5."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.features.insert(len(self.features) - 1, nn.Dropout(dropout))


@instead_of("ConvNet")
class dropout_of_whole_maps(ConvNet):
    """You apply a dropout to the pooled maps that drops whole maps. Here dropout belongs only between fc4 and fc5, and
    drops single values."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.features.append(nn.Dropout2d(dropout))


@instead_of("ConvNet", title="dropout active in evaluation")
class dropout_in_evaluation(ConvNet):
    """Your network gives different scores each time in evaluation: `F.dropout` is active unless it knows that this is
    not training. The network has an attribute that tells the two modes apart."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier[2] = nn.Identity()
        self.dropout = dropout

    def forward(self, images):
        maps = torch.flatten(self.features(images), start_dim=1)
        hidden = nn.functional.dropout(self.classifier[1](self.classifier[0](maps)), self.dropout)
        return self.classifier[3](hidden)


@instead_of("ConvNet")
class dropout_argument_ignored(ConvNet):
    """Nothing is dropped, whatever `dropout` says: the argument is never used."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(0.0, batch_norm)


@instead_of("ConvNet", title="dropout probability always 0.5")
class dropout_always_a_half(ConvNet):
    """You drop half of the values, whatever `dropout` says. A value that is passed in as an argument should not be
    fixed in the body."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier[2].p = 0.5 if dropout else 0.0


@instead_of("ConvNet", title="dropout used as the probability to keep")
class keep_probability_as_dropout(ConvNet):
    """You use `dropout` as the probability to keep a value. It is the probability to drop it."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(1 - dropout if dropout else 0.0, batch_norm)


@instead_of("ConvNet")
class dropout_not_rescaled(ConvNet):
    """In training fc5 gets smaller inputs than in evaluation: the values that are kept have to be scaled up to make up
    for those that are dropped, so the mean is the same in both modes."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier[2] = nn.Identity()
        self.dropout = dropout

    def forward(self, images):
        maps = torch.flatten(self.features(images), start_dim=1)
        hidden = self.classifier[1](self.classifier[0](maps))
        if self.training:
            hidden = hidden * (torch.rand_like(hidden) >= self.dropout)
        return self.classifier[3](hidden)


@instead_of("ConvNet", title="one dropout mask for the whole batch")
class one_mask_for_the_batch(ConvNet):
    """All images of a batch lose the same neurons: your mask has only one row. Each image needs its own draws."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier[2] = nn.Identity()
        self.dropout = dropout

    def forward(self, images):
        maps = torch.flatten(self.features(images), start_dim=1)
        hidden = self.classifier[1](self.classifier[0](maps))
        if self.training:
            hidden = hidden * (torch.rand(1000) >= self.dropout) / (1 - self.dropout)
        return self.classifier[3](hidden)


@instead_of("ConvNet")
class dropout_of_whole_images(ConvNet):
    """You use the dropout for whole maps, and for an input of (batch, 1000) it drops whole images. Drop single values
    instead."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier[2] = nn.Identity()
        self.dropout = dropout

    def forward(self, images):
        maps = torch.flatten(self.features(images), start_dim=1)
        hidden = self.classifier[1](self.classifier[0](maps))
        hidden = nn.functional.dropout1d(hidden, self.dropout, self.training)
        return self.classifier[3](hidden)


@instead_of("ConvNet")
class seed_set_in_forward(ConvNet):
    """Each forward pass in training drops the same values: you set a seed inside `forward`. Dropout works because the
    draws differ from step to step."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)

    def forward(self, images):
        torch.manual_seed(0)
        return super().forward(images)


@instead_of("ConvNet")
class batch_norm_argument_ignored(ConvNet):
    """Your network has no batch norm, whatever `batch_norm` says: the argument is never used."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, False)


@instead_of("ConvNet", title="batch norm used even when switched off")
class batch_norm_always(ConvNet):
    """Your network has batch norm even with `batch_norm=False`, which should switch it off."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, True)


@instead_of("ConvNet")
class batch_norm_after_the_relu(ConvNet):
    """Your batch norm comes after the ReLU, so the ReLU does not cut what has been centred on zero, and negative values
    go into the next layer. Batch norm belongs right after the convolution."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        layers = list(self.features)
        for place in range(len(layers) - 1):
            if isinstance(layers[place], nn.BatchNorm2d) and isinstance(layers[place + 1], nn.ReLU):
                layers[place], layers[place + 1] = layers[place + 1], layers[place]
        self.features = nn.Sequential(*layers)


@instead_of("ConvNet")
class batch_norm_after_the_pooling(ConvNet):
    """Your batch norm comes after the pooling, where its statistics are those of the maxima only. It belongs right
    after the convolution."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        layers = list(self.features)
        for place in (1, 5, 9) if batch_norm else ():
            layers[place : place + 3] = [layers[place + 2], layers[place], layers[place + 1]]
        self.features = nn.Sequential(*layers)


@instead_of("ConvNet", title="batch norm missing after conv3")
class batch_norm_missing_on_conv3(ConvNet):
    """Your conv3 has no batch norm, although conv1 and conv2 have one."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        if batch_norm:
            self.features[-3] = nn.Identity()


@instead_of("ConvNet")
class one_batch_norm_for_two_layers(ConvNet):
    """conv2 and conv3 share one batch norm in your network, since both have 64 maps. Its running statistics become a
    mixture that fits neither. Each convolution needs its own."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        if batch_norm:
            norms = [place for place, layer in enumerate(self.features) if isinstance(layer, nn.BatchNorm2d)]
            self.features[norms[2]] = self.features[norms[1]]


@instead_of("ConvNet", title="batch norm after fc4")
class batch_norm_on_fc4(ConvNet):
    """You also have a batch norm after fc4. It belongs only after the convolutions."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        if batch_norm:
            self.classifier.insert(1, nn.BatchNorm1d(1000))


@instead_of("ConvNet")
class batch_norm_without_parameters(ConvNet):
    """Your batch norm has no scale and shift to learn: 320 parameters are missing. Without them the normalized layers
    can express less."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.BatchNorm2d):
                self.features[place] = nn.BatchNorm2d(layer.num_features, affine=False)


@instead_of("ConvNet")
class batch_norm_without_running_statistics(ConvNet):
    """Your batch norm keeps no running statistics, so in evaluation the scores of an image depend on the other images
    of its batch."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.BatchNorm2d):
                self.features[place] = nn.BatchNorm2d(layer.num_features, track_running_stats=False)


@instead_of("ConvNet", title="instance norm instead of batch norm")
class instance_norm(ConvNet):
    """Each of your images is normalized by its own mean and variance: that is instance norm. Batch norm computes them
    over all images of the batch."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.BatchNorm2d):
                self.features[place] = nn.InstanceNorm2d(layer.num_features, affine=True, track_running_stats=True)


@instead_of("ConvNet", title="batch norm momentum of 0.9 instead of 0.1")
class momentum_of_nine_tenths(ConvNet):
    """Your running statistics move nine tenths of the way with each batch, and forget all but the last few. Some libraries
    call momentum what PyTorch calls 1 - momentum."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.BatchNorm2d):
                self.features[place] = nn.BatchNorm2d(layer.num_features, momentum=0.9)


@instead_of("ConvNet", title="eps of the batch norm too large")
class large_eps(ConvNet):
    """Your batch norm adds 1e-3 to the variances, a hundred times PyTorch's default: a guard against division by zero
    should not affect the result."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.BatchNorm2d):
                self.features[place] = nn.BatchNorm2d(layer.num_features, eps=1e-3)


@instead_of("ConvNet", title="batch axis flattened too")
class batch_flattened_as_well(ConvNet):
    """You flatten the maps of all images together: the first axis is the batch and has to stay."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)

    def forward(self, images):
        maps = self.features(images)
        return self.classifier(maps.permute(1, 2, 3, 0).reshape(len(images), -1))


@instead_of("ConvNet", title="batch of one image squeezed")
class squeezed_batch_of_one(ConvNet):
    """For a single image you return (10,): a squeeze removes every axis of size 1, including the batch axis."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)

    def forward(self, images):
        return super().forward(images).squeeze()


@instead_of("ConvNet")
class images_scaled_in_place(ConvNet):
    """Your network changes the images that it gets, with an operation whose name ends in an underscore. They belong to
    the caller, who will use them again in the next epoch."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)

    def forward(self, images):
        scores = super().forward(images)
        images.sub_(0.5)
        return scores


@instead_of("ConvNet")
class images_centred_in_the_network(ConvNet):
    """Your network changes the images before conv1. That is preprocessing, which the caller takes care of."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)

    def forward(self, images):
        return super().forward(2 * images - 1)


@instead_of("ConvNet", title="maps detached from the graph")
class maps_detached(ConvNet):
    """No gradient reaches your convolutions: the maps are detached from the graph before fc4, with `detach`, `.data` or
    `no_grad`. So the convolutions keep their initial weights."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)

    def forward(self, images):
        return self.classifier(torch.flatten(self.features(images).detach(), start_dim=1))


@instead_of("ConvNet", title="convolutions frozen")
class frozen_convolutions(ConvNet):
    """Your convolutions cannot be trained: their `requires_grad` is off, as for a pretrained network. Here they start
    from random weights."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for parameter in self.features.parameters():
            parameter.requires_grad_(False)


@instead_of("ConvNet", title="weights initialized to zero")
class all_weights_start_at_zero(ConvNet):
    """All your weights start at 0. Then every filter computes the same value and no gradient gets through: the network
    never learns more than how frequent each class is."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)


@instead_of("ConvNet", title="parameters in float64")
class float64_parameters(ConvNet):
    """Your parameters are float64. They should be float32, PyTorch's default: it is faster, and precise enough for
    learning."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.double()


@instead_of("ConvNet")
class conv3_used_twice(ConvNet):
    """Your conv3, which goes from 64 to 64 maps, runs twice in a row. Each layer of the table runs once."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)

    def forward(self, images):
        maps = images
        for layer in self.features:
            maps = layer(maps)
            if isinstance(layer, nn.Conv2d) and layer.in_channels == 64:
                maps = layer(maps)
        return self.classifier(torch.flatten(maps, start_dim=1))


@instead_of("ConvNet", title="one batch norm after two convolutions")
class one_norm_for_two_convolutions(ConvNet):
    """conv2 and conv3 share one batch norm, perhaps because both have 64 filters. Their outputs have other means and
    variances, and its running statistics mix the two. How many batch norms does the network have?"""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        norms = [place for place, layer in enumerate(self.features) if isinstance(layer, nn.BatchNorm2d)]
        if norms:
            self.features[norms[2]] = self.features[norms[1]]


@instead_of("ConvNet", title="group norm instead of batch norm")
class group_norm(ConvNet):
    """Your norm takes mean and variance of each image alone, over its channels, in training and in evaluation. A batch norm
    takes them of each channel over the batch, and keeps running averages for evaluation."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.BatchNorm2d):
                self.features[place] = nn.GroupNorm(1, layer.num_features)
