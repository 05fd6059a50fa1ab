"""Known mistakes of `timm_transfer`.

Each takes the place of one function of the reference solution and may use all the others. Students read its title,
which is its name in plain words unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821  (timm, torch, F and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("adapt_images", title="grey images keep one channel")
def grey_images_stay_grey(images, size=224):
    """Your grey images still have one channel, but the network expects three. What should be in the other two?"""
    return F.interpolate(images, size=(size, size), mode="bilinear")


@instead_of("adapt_images", title="RGB channels repeated too")
def channels_always_repeated(images, size=224):
    """RGB images come out with nine channels: you repeat the channels even if there are already three."""
    return F.interpolate(images, size=(size, size), mode="bilinear").repeat(1, 3, 1, 1)


@instead_of("adapt_images")
def images_repeated_instead_of_channels(images, size=224):
    """You have three times as many images, but still one channel: you repeat them along the batch. Which axis holds the
    channels?"""
    repeats = (3, 1, 1, 1) if images.shape[1] == 1 else (1, 1, 1, 1)
    return F.interpolate(images, size=(size, size), mode="bilinear").repeat(*repeats)


@instead_of("adapt_images", title="grey image in the first channel only")
def grey_in_the_first_channel_only(images, size=224):
    """Your grey images are red: the picture is in the first channel, and the other two are 0. A grey pixel has the same
    value in all three."""
    resized = F.interpolate(images, size=(size, size), mode="bilinear")
    return F.pad(resized, (0, 0, 0, 0, 0, 3 - resized.shape[1]))


@instead_of("adapt_images", title="grey values divided among the channels")
def grey_shared_among_the_channels(images, size=224):
    """Your grey images are three times too dark: each channel gets a third of each value. Copy the values instead of
    dividing them."""
    resized = F.interpolate(images, size=(size, size), mode="bilinear")
    return resized if resized.shape[1] == 3 else resized.expand(-1, 3, -1, -1) / 3


@instead_of("adapt_images", title="nearest-neighbour instead of bilinear interpolation")
def nearest_neighbour(images, size=224):
    """Your images are enlarged into blocks: each pixel is a copy of the nearest one. That is the default of PyTorch's
    interpolation."""
    return F.interpolate(images, size=(size, size)).expand(-1, 3, -1, -1)


@instead_of("adapt_images", title="bicubic instead of bilinear interpolation")
def bicubic(images, size=224):
    """Your interpolation is bicubic, which can leave the interval [0, 1] at sharp edges. It should be bilinear."""
    return F.interpolate(images, size=(size, size), mode="bicubic").expand(-1, 3, -1, -1)


@instead_of("adapt_images", title="interpolation with align_corners")
def corners_aligned(images, size=224):
    """Your corner pixels lie exactly in the corners of the result: align_corners is True. That changes the scale, and
    shifts the images compared with those that the network was trained on."""
    return F.interpolate(images, size=(size, size), mode="bilinear", align_corners=True).expand(-1, 3, -1, -1)


@instead_of("adapt_images", title="one scale factor for both axes")
def one_factor_for_both_axes(images, size=224):
    """Images that are not square do not become square: you scale both axes by the factor of the height."""
    factor = size / images.shape[2]
    return F.interpolate(images, scale_factor=factor, mode="bilinear").expand(-1, 3, -1, -1)


@instead_of("adapt_images", title="shorter side resized and the rest cropped")
def shorter_side_and_a_crop(images, size=224):
    """You resize the shorter side and crop the middle, so a wide image loses both ends. Resize the whole image."""
    height, width = images.shape[2:]
    sides = [max(size, int(side * size / min(height, width))) for side in (height, width)]
    resized = F.interpolate(images, size=sides, mode="bilinear")
    top, left = (sides[0] - size) // 2, (sides[1] - size) // 2
    return resized[:, :, top : top + size, left : left + size].expand(-1, 3, -1, -1)


@instead_of("adapt_images", title="images padded instead of resized")
def border_of_zeros(images, size=224):
    """You do not resize your images but put them into a large black frame. The network would see them at another scale
    than the one it was trained for."""
    rows, columns = size - images.shape[2], size - images.shape[3]
    return F.pad(images, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)).expand(-1, 3, -1, -1)


@instead_of("adapt_images")
def size_ignored(images, size=224):
    """Your images are always 224 × 224, whatever `size` says. A value that is passed in as an argument should not be
    fixed in the body."""
    return F.interpolate(images, size=(224, 224), mode="bilinear").expand(-1, 3, -1, -1)


@instead_of("adapt_images", title="large images not resized")
def large_images_left_alone(images, size=224):
    """Images that are larger than `size` stay as they are: you only enlarge."""
    if min(images.shape[2:]) < size:
        images = F.interpolate(images, size=(size, size), mode="bilinear")
    return images.expand(-1, 3, -1, -1)


@instead_of("adapt_images", title="images normalized too")
def normalized_as_well(images, size=224):
    """Your values are no longer in [0, 1]: you subtract ImageNet's mean and divide by its standard deviation. A network
    may need that, but then as a separate step; here the values should be kept."""
    mean = torch.tensor([0.485, 0.456, 0.406]).to(images)[:, None, None]
    std = torch.tensor([0.229, 0.224, 0.225]).to(images)[:, None, None]
    return (F.interpolate(images, size=(size, size), mode="bilinear").expand(-1, 3, -1, -1) - mean) / std


@instead_of("adapt_images", title="pixels divided by 255 again")
def divided_by_255(images, size=224):
    """Your images are nearly black. Their values are already in [0, 1], and you divide them by 255 once more."""
    return F.interpolate(images / 255, size=(size, size), mode="bilinear").expand(-1, 3, -1, -1)


@instead_of("adapt_images", title="images stretched to full contrast")
def stretched_to_full_contrast(images, size=224):
    """You stretch each image to run from 0 to 1. Keep the values as they are: dark images should stay dark."""
    low, high = images.amin((1, 2, 3), keepdim=True), images.amax((1, 2, 3), keepdim=True)
    images = (images - low) / (high - low)
    return F.interpolate(images, size=(size, size), mode="bilinear").expand(-1, 3, -1, -1)


@instead_of("adapt_images", title="values rounded to 8 bits")
def rounded_to_bytes(images, size=224):
    """Your values are rounded to multiples of 1/255: you convert the images to 8 bits on the way, and lose everything
    in between."""
    resized = F.interpolate(images, size=(size, size), mode="bilinear").expand(-1, 3, -1, -1)
    return (resized * 255).round() / 255


@instead_of("adapt_images", title="red and blue swapped")
def red_and_blue_exchanged(images, size=224):
    """The channels of your RGB images come out as BGR, the order that some libraries use. Keep their order."""
    return F.interpolate(images, size=(size, size), mode="bilinear").expand(-1, 3, -1, -1).flip(1)


@instead_of("adapt_images", title="RGB images turned grey")
def colours_averaged(images, size=224):
    """Your RGB images lose their colours: you make all images grey first, even those that have three channels."""
    grey = images.mean(dim=1, keepdim=True)
    return F.interpolate(grey, size=(size, size), mode="bilinear").expand(-1, 3, -1, -1)


@instead_of("adapt_images", title="batch of one image squeezed")
def single_image_squeezed(images, size=224):
    """A batch of one image comes out without its batch axis: `squeeze` removes every axis of length 1."""
    return F.interpolate(images, size=(size, size), mode="bilinear").expand(-1, 3, -1, -1).squeeze()


@instead_of("adapt_images", title="images always in float32")
def cast_to_single_precision(images, size=224):
    """Your images come out in float32, whatever they were. Keep their dtype."""
    return F.interpolate(images.float(), size=(size, size), mode="bilinear").expand(-1, 3, -1, -1)


@instead_of("adapt_images", title="caller's images changed in place")
def images_clamped_in_place(images, size=224):
    """You write into the images that you are given (`clamp_`, `*=` and the like), but they belong to the caller."""
    images.mul_(0.5)
    return 2 * F.interpolate(images, size=(size, size), mode="bilinear").expand(-1, 3, -1, -1)


@instead_of("build_classifier", title="1000 ImageNet classes instead of num_classes")
def classes_of_imagenet(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """Your model returns 1000 scores, those of ImageNet: you do not pass `num_classes` on."""
    return timm.create_model(name, pretrained=pretrained)


@instead_of("build_classifier", title="number of classes fixed at ten")
def ten_classes_always(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """Your model always returns ten scores, whatever `num_classes` says. A value that is passed in as an argument
    should not be fixed in the body."""
    return timm.create_model(name, pretrained=pretrained, num_classes=10)


@instead_of("build_classifier")
def features_instead_of_scores(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """Your model has no classifier: with num_classes=0 timm returns the features before the classifier."""
    return timm.create_model(name, pretrained=pretrained, num_classes=0)


@instead_of("build_classifier", title="classifier after the old classifier")
def classifier_on_the_scores(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """You put your classifier after the old one, so it reads 1000 scores. It should replace the old one and read the
    features."""
    return nn.Sequential(timm.create_model(name, pretrained=pretrained), nn.Linear(1000, num_classes))


@instead_of("build_classifier", title="softmax after the model")
def softmax_behind_the_model(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """Your model returns probabilities. The cross-entropy expects scores and applies the softmax itself, so here it is
    applied twice."""
    model = timm.create_model(name, pretrained=pretrained, num_classes=num_classes)
    return nn.Sequential(model, nn.Softmax(dim=1))


@instead_of("build_classifier", title="model name ignored")
def name_ignored(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """You always make the tiny transformer, whatever `name` says."""
    return timm.create_model("vit_tiny_patch16_224", pretrained=pretrained, num_classes=num_classes)


@instead_of("build_classifier", title="wrong default model")
def another_default(name="vit_small_patch16_224", num_classes=10, pretrained=False):
    """Without arguments you make vit_small_patch16_224, which has four times as many parameters as the default model
    should have."""
    return timm.create_model(name, pretrained=pretrained, num_classes=num_classes)


@instead_of("build_classifier")
def pretrained_ignored(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """Your model is never pretrained: you do not pass `pretrained` on. It would look like a network that cannot learn,
    and nothing would say why."""
    return timm.create_model(name, num_classes=num_classes)


@instead_of("build_classifier", title="model always pretrained")
def always_pretrained(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """Your model asks for pretrained weights, whatever `pretrained` says, and fails without internet access."""
    return timm.create_model(name, pretrained=True, num_classes=num_classes)


@instead_of("build_classifier", title="untrained model returned if weights are missing")
def untrained_where_weights_are_missing(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """Where the pretrained weights cannot be loaded, you silently return an untrained model. The caller would wonder
    for days why it performs badly: let the error through."""
    try:
        return timm.create_model(name, pretrained=pretrained, num_classes=num_classes)
    except Exception:
        return timm.create_model(name, pretrained=False, num_classes=num_classes)


@instead_of("build_classifier", title="pretrained weights overwritten")
def trained_weights_drawn_anew(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """You initialize the whole model after it was made, so the pretrained weights are lost. Only the new classifier
    should start from random weights."""
    model = timm.create_model(name, pretrained=pretrained, num_classes=num_classes)
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
    return model


@instead_of("build_classifier", title="backbone frozen from the start")
def frozen_from_the_start(name="vit_tiny_patch16_224", num_classes=10, pretrained=False):
    """Your model comes with its backbone frozen. That is the caller's decision, with `freeze_backbone`."""
    return freeze_backbone(timm.create_model(name, pretrained=pretrained, num_classes=num_classes))


@instead_of("freeze_backbone", title="classifier frozen too")
def classifier_frozen_as_well(model):
    """Nothing in your model can learn: you freeze the classifier with the rest."""
    return model.requires_grad_(False)


@instead_of("freeze_backbone")
def nothing_frozen(model):
    """All of your model is still trainable. An attribute of the module, as in `model.requires_grad = False`, freezes nothing,
    nor does a misspelt one. Which objects have this flag?"""
    model.requires_grad = False
    model.get_classifier().requires_grad_(True)
    return model


@instead_of("freeze_backbone", title="nothing frozen, nothing switched on")
def evaluation_mode_instead_of_freezing(model):
    """Your function leaves every parameter as it was. Eval mode does not freeze one, nor does no_grad, nor an attribute with
    a misspelt name: what counts is requires_grad of each parameter."""
    return model.eval()


@instead_of("freeze_backbone", title="last norm left trainable")
def last_norm_left_trainable(model):
    """You freeze everything but the classifier and the norm before it. The norm belongs to the backbone."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(("head.", "norm.", "fc_norm."))
    return model


@instead_of("freeze_backbone", title="last block left trainable")
def last_block_left_trainable(model):
    """You leave the last block trainable, as one does if there is enough data. Here only the classifier learns."""
    model.requires_grad_(False)
    model.blocks[-1].requires_grad_(True)
    model.get_classifier().requires_grad_(True)
    return model


@instead_of("freeze_backbone", title="only the blocks frozen")
def blocks_frozen_only(model):
    """You freeze the blocks, but not what comes before and after them: the patch embedding, the class token, the
    positions, the last norm."""
    model.blocks.requires_grad_(False)
    model.get_classifier().requires_grad_(True)
    return model


@instead_of("freeze_backbone", title="class token and positions left trainable")
def tokens_and_positions_left_trainable(model):
    """The positional embedding, and the class token if there is one, can still learn: they are parameters of the model
    itself, not of one of its layers."""
    for child in model.children():
        child.requires_grad_(child is model.get_classifier())
    return model


@instead_of("freeze_backbone")
def norms_left_trainable(model):
    """The norm layers of your backbone can still learn. They are part of it like any other layer."""
    model.requires_grad_(False)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_("norm" in name or name.startswith("head"))
    return model


@instead_of("freeze_backbone")
def biases_left_trainable(model):
    """You freeze the weights, but the biases of your backbone can still learn."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(not name.endswith("weight"))
    model.get_classifier().requires_grad_(True)
    return model


@instead_of("freeze_backbone")
def frozen_classifier_stays_frozen(model):
    """If the classifier was frozen before, it stays frozen: you turn gradients off for the rest, but never on for the
    classifier."""
    head = {id(parameter) for parameter in model.get_classifier().parameters()}
    for parameter in model.parameters():
        if id(parameter) not in head:
            parameter.requires_grad_(False)
    return model


@instead_of("freeze_backbone", title="only the bias of the classifier trainable")
def bias_of_the_classifier_only(model):
    """Only the bias of your classifier can learn: you turn gradients on for the last tensor of the model's parameters,
    but a linear layer has two."""
    model.requires_grad_(False)
    list(model.parameters())[-1].requires_grad_(True)
    return model


@instead_of("freeze_backbone")
def backbone_trained_instead_of_the_classifier(model):
    """It is the wrong way round: the backbone is trained and the classifier is frozen."""
    model.requires_grad_(True)
    model.get_classifier().requires_grad_(False)
    return model


@instead_of("freeze_backbone")
def classifier_replaced(model):
    """The classifier of the model you return is a new one: what the old one had learned is lost. It only had to be made
    trainable."""
    model.requires_grad_(False)
    model.reset_classifier(model.num_classes)
    return model


@instead_of("freeze_backbone", title="model not returned")
def nothing_returned(model):
    """You freeze the backbone but return None. Return the model, so calls can be chained."""
    model.requires_grad_(False)
    model.get_classifier().requires_grad_(True)


@instead_of("freeze_backbone", title="parameters returned instead of the model")
def parameters_returned(model):
    """You return the parameters that are still trainable, as an optimizer needs them. Return the model."""
    model.requires_grad_(False)
    model.get_classifier().requires_grad_(True)
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


@instead_of("freeze_backbone", title="whole model run without gradient")
def whole_model_under_no_grad(model):
    """Your model runs under `no_grad`, so no gradient reaches any parameter, not even in the classifier. Freezing
    should be a property of the parameters."""
    model.requires_grad_(False)
    model.get_classifier().requires_grad_(True)
    model.forward = torch.no_grad()(model.forward)
    return model


@instead_of("freeze_backbone", title="classifier returned instead of the model")
def classifier_only_returned(model):
    """You return only the classifier. Return the whole model, which still needs its backbone."""
    model.requires_grad_(False)
    return model.get_classifier().requires_grad_(True)
