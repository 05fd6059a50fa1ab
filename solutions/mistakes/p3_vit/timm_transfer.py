"""Known mistakes of `timm_transfer`.

Each takes the place of one function of the reference solution and may use all the others. Its name is the mistake, its
docstring the hint that a student reads.
"""

# ruff: noqa: F821  (timm, torch, F and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("adapt_images")
def grey_images_stay_grey(images, size=224):
    """Your grey images still have one channel, and the network expects three. What could stand in the other two?"""
    return F.interpolate(images, size=(size, size), mode="bilinear")


@instead_of("adapt_images")
def channels_always_repeated(images, size=224):
    """RGB images come out with nine channels: you repeat the channels whether there are three already or not."""
    return F.interpolate(images, size=(size, size), mode="bilinear").repeat(1, 3, 1, 1)


@instead_of("adapt_images")
def images_repeated_in_place_of_channels(images, size=224):
    """You have three times as many images and still one channel: they are repeated along the batch. Which axis holds
    the channels?"""
    repeats = (3, 1, 1, 1) if images.shape[1] == 1 else (1, 1, 1, 1)
    return F.interpolate(images, size=(size, size), mode="bilinear").repeat(*repeats)


@instead_of("adapt_images")
def grey_in_the_first_channel_only(images, size=224):
    """Your grey images are red: the picture stands in the first channel, and the other two are 0. A grey pixel has the
    same value in all three."""
    resized = F.interpolate(images, size=(size, size), mode="bilinear")
    return F.pad(resized, (0, 0, 0, 0, 0, 3 - resized.shape[1]))


@instead_of("adapt_images")
def grey_shared_among_the_channels(images, size=224):
    """Your grey images are three times too dark: each channel gets a third of the picture. It is to be copied, not
    shared out."""
    resized = F.interpolate(images, size=(size, size), mode="bilinear")
    return resized if resized.shape[1] == 3 else resized.expand(-1, 3, -1, -1) / 3


@instead_of("adapt_images")
def nearest_neighbour(images, size=224):
    """Your images are enlarged into blocks: each pixel is that of the nearest one. It is what torch's interpolation does
    when nothing else is said."""
    return F.interpolate(images, size=(size, size)).expand(-1, 3, -1, -1)


@instead_of("adapt_images")
def bicubic(images, size=224):
    """Your interpolation is bicubic, which leaves the interval [0, 1] at sharp edges. Here it is bilinear."""
    return F.interpolate(images, size=(size, size), mode="bicubic").expand(-1, 3, -1, -1)


@instead_of("adapt_images")
def corners_aligned(images, size=224):
    """Your corner pixels sit in the corners of the result: align_corners is True. Then the scale depends on the size in
    an odd way, and images are shifted against those that the network was trained on."""
    return F.interpolate(images, size=(size, size), mode="bilinear", align_corners=True).expand(-1, 3, -1, -1)


@instead_of("adapt_images")
def one_factor_for_both_axes(images, size=224):
    """Images that are no squares come out as no squares: both axes are scaled by the factor of the height."""
    factor = size / images.shape[2]
    return F.interpolate(images, scale_factor=factor, mode="bilinear").expand(-1, 3, -1, -1)


@instead_of("adapt_images")
def shorter_side_and_a_crop(images, size=224):
    """You resize the shorter side and cut out the middle, so that of a wide image both ends are lost. The whole image is
    asked for."""
    height, width = images.shape[2:]
    sides = [max(size, int(side * size / min(height, width))) for side in (height, width)]
    resized = F.interpolate(images, size=sides, mode="bilinear")
    top, left = (sides[0] - size) // 2, (sides[1] - size) // 2
    return resized[:, :, top : top + size, left : left + size].expand(-1, 3, -1, -1)


@instead_of("adapt_images")
def border_of_zeros(images, size=224):
    """Your images are not resized: they lie in a large black frame. The network would look for its features at a scale
    at which there are none."""
    rows, columns = size - images.shape[2], size - images.shape[3]
    return F.pad(images, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)).expand(-1, 3, -1, -1)


@instead_of("adapt_images")
def size_ignored(images, size=224):
    """Your images are 224 × 224, whatever `size` says. A number that stands in the signature should not stand in the
    body."""
    return F.interpolate(images, size=(224, 224), mode="bilinear").expand(-1, 3, -1, -1)


@instead_of("adapt_images")
def large_images_left_alone(images, size=224):
    """Images that are larger than `size` stay as they are: you only enlarge."""
    if min(images.shape[2:]) < size:
        images = F.interpolate(images, size=(size, size), mode="bilinear")
    return images.expand(-1, 3, -1, -1)


@instead_of("adapt_images")
def normalized_as_well(images, size=224):
    """Your values are no longer in [0, 1]: you subtract ImageNet's mean and divide by its standard deviation. A network
    may need that, but then it is a step of its own; here the values are kept."""
    mean = torch.tensor([0.485, 0.456, 0.406]).to(images)[:, None, None]
    std = torch.tensor([0.229, 0.224, 0.225]).to(images)[:, None, None]
    return (F.interpolate(images, size=(size, size), mode="bilinear").expand(-1, 3, -1, -1) - mean) / std


@instead_of("adapt_images")
def divided_by_255(images, size=224):
    """Your images are nearly black. Their values are in [0, 1] already, and you divide them by 255 once more."""
    return F.interpolate(images / 255, size=(size, size), mode="bilinear").expand(-1, 3, -1, -1)


@instead_of("adapt_images")
def stretched_to_full_contrast(images, size=224):
    """Your images have all been stretched to run from 0 to 1. The values are to be left as they are, dark images dark."""
    low, high = images.amin((1, 2, 3), keepdim=True), images.amax((1, 2, 3), keepdim=True)
    images = (images - low) / (high - low)
    return F.interpolate(images, size=(size, size), mode="bilinear").expand(-1, 3, -1, -1)


@instead_of("adapt_images")
def rounded_to_bytes(images, size=224):
    """Your values are rounded to multiples of 1/255: on their way through an 8-bit image they lose what lies between."""
    resized = F.interpolate(images, size=(size, size), mode="bilinear").expand(-1, 3, -1, -1)
    return (resized * 255).round() / 255


@instead_of("adapt_images")
def red_and_blue_exchanged(images, size=224):
    """The channels of your RGB images come out as BGR, as one library has them. Their order is to be kept."""
    return F.interpolate(images, size=(size, size), mode="bilinear").expand(-1, 3, -1, -1).flip(1)


@instead_of("adapt_images")
def colours_averaged(images, size=224):
    """Your RGB images lose their colours: all images are made grey first, also those that have three channels."""
    grey = images.mean(dim=1, keepdim=True)
    return F.interpolate(grey, size=(size, size), mode="bilinear").expand(-1, 3, -1, -1)


@instead_of("adapt_images")
def single_image_squeezed(images, size=224):
    """A batch of one image comes out without its batch axis: `squeeze` takes away every axis of length 1."""
    return F.interpolate(images, size=(size, size), mode="bilinear").expand(-1, 3, -1, -1).squeeze()


@instead_of("adapt_images")
def cast_to_single_precision(images, size=224):
    """Your images come out in float32, whatever they were. Their dtype is to be kept."""
    return F.interpolate(images.float(), size=(size, size), mode="bilinear").expand(-1, 3, -1, -1)


@instead_of("adapt_images")
def images_clamped_in_place(images, size=224):
    """You write into the images that you are given (`clamp_`, `*=` and the like), and they belong to the caller."""
    images.mul_(0.5)
    return 2 * F.interpolate(images, size=(size, size), mode="bilinear").expand(-1, 3, -1, -1)


@instead_of("build_classifier")
def classes_of_imagenet(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """Your model returns 1000 scores, those of ImageNet: `num_classes` is not passed on."""
    return timm.create_model(name, pretrained=pretrained)


@instead_of("build_classifier")
def ten_classes_always(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """Your model returns ten scores, whatever `num_classes` says. A number that stands in the signature should not stand
    in the body."""
    return timm.create_model(name, pretrained=pretrained, num_classes=10)


@instead_of("build_classifier")
def features_in_place_of_scores(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """Your model has no classifier: with num_classes=0 timm returns the features that one would stand on."""
    return timm.create_model(name, pretrained=pretrained, num_classes=0)


@instead_of("build_classifier")
def classifier_on_the_scores(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """Your classifier stands behind the old one and reads its 1000 scores. It is to take its place, and read the
    features."""
    return nn.Sequential(timm.create_model(name, pretrained=pretrained), nn.Linear(1000, num_classes))


@instead_of("build_classifier")
def softmax_behind_the_model(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """Your model returns probabilities. The cross-entropy takes scores and has the softmax in it; twice is once too
    often."""
    model = timm.create_model(name, pretrained=pretrained, num_classes=num_classes)
    return nn.Sequential(model, nn.Softmax(dim=1))


@instead_of("build_classifier")
def name_ignored(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """You make the tiny transformer, whatever `name` says."""
    return timm.create_model("vit_tiny_patch16_224", pretrained=pretrained, num_classes=num_classes)


@instead_of("build_classifier")
def another_default(name="vit_small_patch16_224", num_classes=10, pretrained=False):
    """Without arguments you make vit_small_patch16_224, which has four times the parameters of the one asked for."""
    return timm.create_model(name, pretrained=pretrained, num_classes=num_classes)


@instead_of("build_classifier")
def pretrained_ignored(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """Your model is always untrained: `pretrained` is not passed on. It would look like a network that cannot learn, and
    nothing would say why."""
    return timm.create_model(name, num_classes=num_classes)


@instead_of("build_classifier")
def always_pretrained(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """Your model asks for trained weights, whatever `pretrained` says, and without a network it fails."""
    return timm.create_model(name, pretrained=True, num_classes=num_classes)


@instead_of("build_classifier")
def untrained_where_weights_are_missing(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """Where the trained weights cannot be had, you give an untrained model and say nothing. Who asked for trained ones
    would wonder for days: let the error through."""
    try:
        return timm.create_model(name, pretrained=pretrained, num_classes=num_classes)
    except Exception:
        return timm.create_model(name, pretrained=False, num_classes=num_classes)


@instead_of("build_classifier")
def trained_weights_drawn_anew(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """You initialize the whole model after it was made, and the trained weights are gone. Only the new classifier has to
    start from random numbers."""
    model = timm.create_model(name, pretrained=pretrained, num_classes=num_classes)
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
    return model


@instead_of("build_classifier")
def frozen_from_the_start(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """Your model comes with its backbone frozen. Whether that is wanted, the caller says, by `freeze_backbone`."""
    return freeze_backbone(timm.create_model(name, pretrained=pretrained, num_classes=num_classes))


@instead_of("freeze_backbone")
def classifier_frozen_as_well(model):
    """Nothing in your model can learn: the classifier is frozen with the rest."""
    return model.requires_grad_(False)


@instead_of("freeze_backbone")
def nothing_frozen(model):
    """All of your model is still trainable: `model.requires_grad = False` only gives the module a new attribute. Which
    objects carry the flag?"""
    model.requires_grad = False
    model.get_classifier().requires_grad_(True)
    return model


@instead_of("freeze_backbone")
def evaluation_mode_in_place_of_freezing(model):
    """Your model is in evaluation mode, and all of it still learns: `eval()` is about dropout and batch norm, and says
    nothing about gradients."""
    return model.eval()


@instead_of("freeze_backbone")
def blocks_frozen_only(model):
    """You freeze the blocks, and not what stands before and after them: the patch embedding, the class token, the
    positions, the last norm."""
    model.blocks.requires_grad_(False)
    model.get_classifier().requires_grad_(True)
    return model


@instead_of("freeze_backbone")
def tokens_and_positions_left_trainable(model):
    """The positional embedding, and the class token where there is one, can still learn: they are parameters of the model
    itself, and of none of its layers."""
    for child in model.children():
        child.requires_grad_(child is model.get_classifier())
    return model


@instead_of("freeze_backbone")
def norms_left_trainable(model):
    """The norms of your backbone can still learn. They are part of it like any other layer."""
    model.requires_grad_(False)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_("norm" in name or name.startswith("head"))
    return model


@instead_of("freeze_backbone")
def biases_left_trainable(model):
    """You freeze the weights, and the biases of your backbone can still learn."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(not name.endswith("weight"))
    model.get_classifier().requires_grad_(True)
    return model


@instead_of("freeze_backbone")
def frozen_classifier_stays_frozen(model):
    """A classifier that was frozen stays so: you switch the rest off and never switch the classifier on."""
    head = {id(parameter) for parameter in model.get_classifier().parameters()}
    for parameter in model.parameters():
        if id(parameter) not in head:
            parameter.requires_grad_(False)
    return model


@instead_of("freeze_backbone")
def bias_of_the_classifier_only(model):
    """Of your classifier only the bias can learn: you switch on the last tensor of the model's parameters, and a linear
    layer has two."""
    model.requires_grad_(False)
    list(model.parameters())[-1].requires_grad_(True)
    return model


@instead_of("freeze_backbone")
def backbone_trained_in_place_of_the_classifier(model):
    """It is the wrong way round: the backbone learns and the classifier is frozen."""
    model.requires_grad_(True)
    model.get_classifier().requires_grad_(False)
    return model


@instead_of("freeze_backbone")
def classifier_replaced(model):
    """The classifier that you return is a new one: what the old one had learned is lost. It was only to be switched
    on."""
    model.requires_grad_(False)
    model.reset_classifier(model.num_classes)
    return model


@instead_of("freeze_backbone")
def nothing_returned(model):
    """You freeze the backbone and return None. The model is asked for, so that calls can be chained."""
    model.requires_grad_(False)
    model.get_classifier().requires_grad_(True)


@instead_of("freeze_backbone")
def parameters_returned(model):
    """You return the parameters that are left to train, as an optimizer wants them. The model is asked for."""
    model.requires_grad_(False)
    model.get_classifier().requires_grad_(True)
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


@instead_of("freeze_backbone")
def whole_model_under_no_grad(model):
    """Your model runs under `no_grad`, so no gradient reaches anything, the classifier least of all. Freezing is a
    property of parameters."""
    model.requires_grad_(False)
    model.get_classifier().requires_grad_(True)
    model.forward = torch.no_grad()(model.forward)
    return model


@instead_of("freeze_backbone")
def classifier_only_returned(model):
    """You return the classifier alone. The whole model is asked for, which needs its backbone as much as before."""
    model.requires_grad_(False)
    return model.get_classifier().requires_grad_(True)
