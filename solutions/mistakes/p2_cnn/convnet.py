"""Known mistakes of `convnet`.

Each takes the place of the class of the reference solution, and inherits what it does not change. Its name is the
mistake, its docstring the hint that a student reads.
"""

# ruff: noqa: F821  (torch, nn and ConvNet are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("ConvNet")
class padding_left_out(ConvNet):
    """Your network has 231,170 parameters: its convolutions have no padding, so that each of them takes four pixels from
    the height and the width, and a single one is left for fc4. How much padding keeps the size with a kernel of 5?"""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for layer in self.features:
            if isinstance(layer, nn.Conv2d):
                layer.padding = (0, 0)
        self.classifier[0] = nn.Linear(64, 1000)


@instead_of("ConvNet")
class padding_of_one(ConvNet):
    """Your convolutions pad by one pixel, which is right for kernels of 3×3. These are 5×5: how far does the kernel reach
    over the edge when its middle stands on the outermost pixel?"""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for layer in self.features:
            if isinstance(layer, nn.Conv2d):
                layer.padding = (1, 1)
        self.classifier[0] = nn.Linear(64 * 2 * 2, 1000)


@instead_of("ConvNet")
class padding_by_reflection(ConvNet):
    """Your convolutions continue the image beyond its edge by its mirror image. Zeros are asked for, which is what
    `padding` alone gives."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.Conv2d):
                self.features[place] = nn.Conv2d(
                    layer.in_channels, layer.out_channels, 5, padding=2, padding_mode="reflect"
                )


@instead_of("ConvNet")
class kernels_of_three(ConvNet):
    """Your convolutions have kernels of 3×3, with a padding that fits. The sizes of the maps are right, and the number of
    parameters tells: 5×5 is asked for."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.Conv2d):
                self.features[place] = nn.Conv2d(layer.in_channels, layer.out_channels, 3, padding=1)


@instead_of("ConvNet")
class conv3_with_32_filters(ConvNet):
    """Your conv3 has 32 filters, and 64 are asked for: fc4 gets half of what it should."""

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
    """160 parameters are missing: your convolutions have no bias. With batch norm it does nothing, and may go; without, it is
    asked for."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.Conv2d):
                self.features[place] = nn.Conv2d(layer.in_channels, layer.out_channels, 5, padding=2, bias=False)


@instead_of("ConvNet")
class fc5_without_bias(ConvNet):
    """10 parameters are missing: fc5 has no bias, so that the scores can favour no class by themselves."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier[3] = nn.Linear(1000, 10, bias=False)


@instead_of("ConvNet")
class fc4_with_1024_neurons(ConvNet):
    """Your fc4 has as many neurons as inputs, 1024. The table says 1000."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier[0] = nn.Linear(1024, 1024)
        self.classifier[3] = nn.Linear(1024, 10)


@instead_of("ConvNet")
class one_fully_connected_layer(ConvNet):
    """Your network goes from the maps to the scores in one step. Two fully-connected layers are asked for: 1000 neurons with
    a ReLU, and then ten scores."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(1024, 10))


@instead_of("ConvNet")
class fc4_twice(ConvNet):
    """Your network has one fully-connected layer too many, 1000 to 1000. Count what the table has after pool3."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier.insert(2, nn.Linear(1000, 1000))
        self.classifier.insert(3, nn.ReLU())


@instead_of("ConvNet")
class eleven_classes(ConvNet):
    """Your network gives eleven scores for an image. There are ten classes."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier[3] = nn.Linear(1000, 11)


@instead_of("ConvNet")
class pool3_left_out(ConvNet):
    """After conv3 your network has no pooling: fc4 gets maps of 8×8 in place of 4×4, and four times as many parameters."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.features[-1] = nn.Identity()
        self.classifier[0] = nn.Linear(64 * 8 * 8, 1000)


@instead_of("ConvNet")
class pool3_without_ceil_mode(ConvNet):
    """Crops of 28×28 pixels do not work: they are 7×7 before pool3, which leaves the last row and column out and gives 3×3,
    while fc4 needs 4×4. A pooling can count the windows that stick out as well."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.features[-1].ceil_mode = False


@instead_of("ConvNet")
class average_pooling(ConvNet):
    """Your pools average over their windows, so that a strong answer of a filter is diluted by the weak ones beside it. The
    maximum is asked for."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.MaxPool2d):
                self.features[place] = nn.AvgPool2d(2, 2, ceil_mode=layer.ceil_mode)


@instead_of("ConvNet")
class pools_of_three(ConvNet):
    """Your pools look at windows of 3×3, which overlap. The sizes of the maps are right; 2×2 with stride 2 is asked for."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.MaxPool2d):
                self.features[place] = nn.MaxPool2d(3, stride=2, padding=1)


@instead_of("ConvNet")
class adaptive_pooling_at_the_end(ConvNet):
    """Your pool3 makes maps of 4×4 from any size, by windows that overlap where it does not divide. For 8×8 that is the same;
    for the 7×7 of a crop it is not: there the windows stay 2×2, and the last ones stick out."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.features[-1] = nn.AdaptiveMaxPool2d(4)


@instead_of("ConvNet")
class stride_in_place_of_pooling(ConvNet):
    """Your maps become smaller by taking every second pixel. A maximum over 2×2 pixels is asked for, which looks at all of
    them."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.MaxPool2d):
                self.features[place] = nn.MaxPool2d(1, stride=2)


@instead_of("ConvNet")
class relu_missing_after_conv1(ConvNet):
    """Nothing bends between your conv1 and conv2 but the maximum of the pooling: the ReLU is missing."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.features[1 + batch_norm] = nn.Identity()


@instead_of("ConvNet")
class relu_missing_after_conv2(ConvNet):
    """One of your convolutions, conv2, has no ReLU after it, and the others have."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        first = next(i for i, layer in enumerate(self.features) if i > 3 and isinstance(layer, nn.ReLU))
        self.features[first] = nn.Identity()


@instead_of("ConvNet")
class relu_missing_after_conv3(ConvNet):
    """What enters fc4 has not passed a ReLU: it is missing after conv3."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.features[-2] = nn.Identity()


@instead_of("ConvNet")
class relu_missing_after_fc4(ConvNet):
    """Nothing stands between your two fully-connected layers, and two linear maps in a row are one linear map."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier[1] = nn.Identity()


@instead_of("ConvNet")
class tanh_in_place_of_relu(ConvNet):
    """Your convolutions are followed by a tanh. The ReLU is asked for, whose gradient does not fade where the answer is
    strong."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.ReLU):
                self.features[place] = nn.Tanh()


@instead_of("ConvNet")
class leaky_relu(ConvNet):
    """Your activations let a hundredth of what is negative pass: that is the leaky ReLU."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.ReLU):
                self.features[place] = nn.LeakyReLU()


@instead_of("ConvNet")
class relu_on_the_scores(ConvNet):
    """None of your scores is negative: a ReLU follows fc5. It hides how wrong a class is, and passes no gradient to
    those that are 0. The last layer gives scores, and nothing comes after it."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier.append(nn.ReLU())


@instead_of("ConvNet")
class softmax_in_the_network(ConvNet):
    """Your network returns probabilities: its rows sum to 1. PyTorch's cross-entropy takes scores and applies the softmax
    itself, so in training it is applied twice, and the gradients fade. Where should the network end?"""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier.append(nn.Softmax(dim=1))


@instead_of("ConvNet")
class log_softmax_in_the_network(ConvNet):
    """Your network returns the logarithms of probabilities. That goes with another loss, NLLLoss; here scores are asked
    for."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier.append(nn.LogSoftmax(dim=1))


@instead_of("ConvNet")
class dropout_after_fc5(ConvNet):
    """In training some of your scores are 0: dropout follows fc5, and takes whole classes away. Its place is between fc4 and
    fc5."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier[2] = nn.Identity()
        self.classifier.append(nn.Dropout(dropout))


@instead_of("ConvNet")
class dropout_before_fc4(ConvNet):
    """Your dropout stands before fc4, and drops what comes from the maps. Its place is one layer later."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier[2] = nn.Identity()
        self.classifier.insert(0, nn.Dropout(dropout))


@instead_of("ConvNet")
class dropout_on_the_feature_maps(ConvNet):
    """Your convolutions have dropout as well. Their few weights are used at every pixel and need it least; here it is asked
    for between fc4 and fc5 alone."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.features.insert(len(self.features) - 1, nn.Dropout(dropout))


@instead_of("ConvNet")
class dropout_of_whole_maps(ConvNet):
    """Your pooled maps pass a dropout that takes whole maps away. It has its uses; here it is asked for between fc4 and fc5
    alone, number by number."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.features.append(nn.Dropout2d(dropout))


@instead_of("ConvNet")
class dropout_in_evaluation(ConvNet):
    """Your network gives other scores each time in evaluation: `F.dropout` drops unless it is told that this is no training.
    The network knows which of the two it is."""

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


@instead_of("ConvNet")
class dropout_always_a_half(ConvNet):
    """Half of the numbers are dropped, whatever `dropout` says. A number that stands in the signature should not stand in the
    body."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.classifier[2].p = 0.5 if dropout else 0.0


@instead_of("ConvNet")
class keep_probability_as_dropout(ConvNet):
    """You take `dropout` for the probability to keep a number. It is the one to drop it."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(1 - dropout if dropout else 0.0, batch_norm)


@instead_of("ConvNet")
class dropout_not_rescaled(ConvNet):
    """In training less arrives at fc5 than in evaluation: what is kept has to be scaled up by as much as is dropped on
    average, so that fc5 sees numbers of the same size in both."""

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


@instead_of("ConvNet")
class one_mask_for_the_batch(ConvNet):
    """All images of a batch lose the same neurons: your mask has one row. Each image draws its own."""

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
    """Your dropout is the one for whole maps, and on a table of (batch, 1000) it takes whole images away. Numbers are to be
    dropped one by one."""

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
    """Each run in training drops the same numbers: a seed is set inside `forward`. Dropout works because the draws differ
    from step to step."""

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


@instead_of("ConvNet")
class batch_norm_always(ConvNet):
    """Your network has batch norm even where it is not asked for: with `batch_norm=False` there is none."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, True)


@instead_of("ConvNet")
class batch_norm_after_the_relu(ConvNet):
    """Your batch norm follows the ReLU, so that what it has centred on zero is never cut, and negative numbers go into the
    next layer. It comes right after the convolution."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        layers = list(self.features)
        for place in range(len(layers) - 1):
            if isinstance(layers[place], nn.BatchNorm2d) and isinstance(layers[place + 1], nn.ReLU):
                layers[place], layers[place + 1] = layers[place + 1], layers[place]
        self.features = nn.Sequential(*layers)


@instead_of("ConvNet")
class batch_norm_after_the_pooling(ConvNet):
    """Your batch norm comes after the pooling, where its statistics are those of the maxima alone. It comes right after the
    convolution."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        layers = list(self.features)
        for place in (1, 5, 9) if batch_norm else ():
            layers[place : place + 3] = [layers[place + 2], layers[place], layers[place + 1]]
        self.features = nn.Sequential(*layers)


@instead_of("ConvNet")
class batch_norm_missing_on_conv3(ConvNet):
    """Your conv3 has no batch norm, and conv1 and conv2 have."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        if batch_norm:
            self.features[-3] = nn.Identity()


@instead_of("ConvNet")
class one_batch_norm_for_two_layers(ConvNet):
    """conv2 and conv3 share one batch norm in your network, since both have 64 maps. Its running statistics then are a
    mixture that fits neither. Each convolution needs its own."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        if batch_norm:
            norms = [place for place, layer in enumerate(self.features) if isinstance(layer, nn.BatchNorm2d)]
            self.features[norms[2]] = self.features[norms[1]]


@instead_of("ConvNet")
class batch_norm_on_fc4(ConvNet):
    """Your batch norm also stands after fc4. It is asked for after the convolutions alone."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        if batch_norm:
            self.classifier.insert(1, nn.BatchNorm1d(1000))


@instead_of("ConvNet")
class batch_norm_without_parameters(ConvNet):
    """Your batch norm has no scale and no shift to learn: 320 parameters are missing. Without them the layers lose what they
    can express."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.BatchNorm2d):
                self.features[place] = nn.BatchNorm2d(layer.num_features, affine=False)


@instead_of("ConvNet")
class batch_norm_without_running_statistics(ConvNet):
    """Your batch norm keeps no running statistics, so that in evaluation the scores of an image depend on which images are
    beside it."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.BatchNorm2d):
                self.features[place] = nn.BatchNorm2d(layer.num_features, track_running_stats=False)


@instead_of("ConvNet")
class instance_norm(ConvNet):
    """Each of your images is normalized by its own mean and variance: that is instance norm. Batch norm takes them over all
    images of the batch."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.BatchNorm2d):
                self.features[place] = nn.InstanceNorm2d(layer.num_features, affine=True, track_running_stats=True)


@instead_of("ConvNet")
class momentum_of_another_library(ConvNet):
    """Your running statistics move nine tenths of the way with each batch, and forget all but the last few. Some libraries
    call momentum what PyTorch calls 1 - momentum."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.BatchNorm2d):
                self.features[place] = nn.BatchNorm2d(layer.num_features, momentum=0.9)


@instead_of("ConvNet")
class large_eps(ConvNet):
    """Your batch norm adds 1e-3 to the variances, a hundred times PyTorch's default: a guard against division by zero should
    not be seen in the numbers."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for place, layer in enumerate(self.features):
            if isinstance(layer, nn.BatchNorm2d):
                self.features[place] = nn.BatchNorm2d(layer.num_features, eps=1e-3)


@instead_of("ConvNet")
class batch_flattened_as_well(ConvNet):
    """Your maps are flattened without regard to the images: the first axis is the batch, and it stays as it is."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)

    def forward(self, images):
        maps = self.features(images)
        return self.classifier(maps.permute(1, 2, 3, 0).reshape(len(images), -1))


@instead_of("ConvNet")
class squeezed_batch_of_one(ConvNet):
    """For a single image you return (10,): a squeeze takes every axis of size 1 away, the batch's too."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)

    def forward(self, images):
        return super().forward(images).squeeze()


@instead_of("ConvNet")
class images_scaled_in_place(ConvNet):
    """Your network changes the images that it is given, with an operation whose name ends in an underscore. They are the
    caller's, who will use them again in the next epoch."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)

    def forward(self, images):
        scores = super().forward(images)
        images.sub_(0.5)
        return scores


@instead_of("ConvNet")
class images_centred_in_the_network(ConvNet):
    """Your network changes the images before conv1. That is preprocessing, for whoever calls it to do."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)

    def forward(self, images):
        return super().forward(2 * images - 1)


@instead_of("ConvNet")
class maps_detached(ConvNet):
    """No gradient reaches your convolutions: the maps are cut from the graph before fc4, with `detach`, `.data` or
    `no_grad`. So they stay as they were at the start."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)

    def forward(self, images):
        return self.classifier(torch.flatten(self.features(images).detach(), start_dim=1))


@instead_of("ConvNet")
class frozen_convolutions(ConvNet):
    """Your convolutions cannot be trained: their `requires_grad` is switched off, as for a network that is taken over
    ready-made. Here they start at random."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for parameter in self.features.parameters():
            parameter.requires_grad_(False)


@instead_of("ConvNet")
class all_weights_start_at_zero(ConvNet):
    """All your weights start at 0. Then every filter computes the same and no gradient passes: the network never learns more
    than how frequent each class is."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)


@instead_of("ConvNet")
class float64_parameters(ConvNet):
    """Your parameters are float64. float32, PyTorch's default, is asked for: twice as fast, and exact enough for learning."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)
        self.double()


@instead_of("ConvNet")
class conv2_used_twice(ConvNet):
    """One of your convolutions, the one that maps 64 to 64, runs twice in a row. Each layer of the table runs once."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__(dropout, batch_norm)

    def forward(self, images):
        maps = images
        for layer in self.features:
            maps = layer(maps)
            if isinstance(layer, nn.Conv2d) and layer.in_channels == 64:
                maps = layer(maps)
        return self.classifier(torch.flatten(maps, start_dim=1))
