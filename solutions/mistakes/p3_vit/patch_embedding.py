"""Known mistakes of `patch_embedding`.

Each takes the place of the class of the reference solution. Students read its title, which is its name in plain words
unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821  (torch and nn are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("PatchEmbed", title="tokens in column-major order")
class column_major_order(nn.Module):
    """Your tokens go down the first column of patches, then down the second. They should be in reading order, row by
    row. Which axes of the feature map are rows and columns, and which one does a flatten run through fastest?"""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection(x).transpose(2, 3).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class reshape_without_permute(nn.Module):
    """Each of your tokens is made of pixels that follow each other in memory, which is a strip of the image and not a
    square. A reshape never moves a number: first bring the axes of a patch next to each other."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Linear(in_chan * patch_size**2, embed_dim)

    def forward(self, x):
        return self.projection(x.reshape(len(x), -1, self.projection.in_features))


@instead_of("PatchEmbed", title="features before tokens")
class numbers_before_tokens(nn.Module):
    """You return (B, embed_dim, N). The next layer expects one row for each token: (B, N, embed_dim)."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection(x).flatten(2)


@instead_of("PatchEmbed")
class view_instead_of_transpose(nn.Module):
    """Your shape is right but your numbers are in the wrong places: a view as (B, N, embed_dim) reads them in the order
    in which they lie in memory, so a token is made of pieces of many. Which two axes have to be swapped?"""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        y = self.projection(x)
        return y.reshape(len(x), -1, y.shape[1])


@instead_of("PatchEmbed", title="map of tokens instead of a sequence")
class map_of_tokens(nn.Module):
    """You return a map of tokens, with four axes. A transformer reads a sequence: the rows and columns of patches
    should form a single axis."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection(x).permute(0, 2, 3, 1)


@instead_of("PatchEmbed", title="patches overlap")
class overlapping_patches(nn.Module):
    """There are too many tokens: your convolution moves by one pixel at a time, so the patches overlap. How far is it
    from one patch to the next?"""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size)

    def forward(self, x):
        return self.projection(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class patches_too_large(nn.Module):
    """You have the right number of tokens, but each one sees one pixel more than its patch on every side, because of a
    larger kernel with padding. A patch is patch_size × patch_size."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size + 2, patch_size, padding=1)

    def forward(self, x):
        return self.projection(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed", title="image padded before the patches are cut")
class padded_patches(nn.Module):
    """You put a border of zeros around the image, so the first row of patches is partly empty and the grid is shifted.
    The patches divide the image evenly: no padding is needed."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size, padding=patch_size // 2)

    def forward(self, x):
        return self.projection(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed", title="only the first channel used")
class first_channel_only(nn.Module):
    """Only the first channel of the image reaches your tokens: red is used, green and blue are not."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(1, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection(x[:, :1]).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class channels_share_their_weights(nn.Module):
    """Your patches go through the projection channel by channel, with the same weights, and the results are added:
    swapping red and blue changes nothing. Each channel of each pixel needs its own weight."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(1, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection(x.sum(dim=1, keepdim=True)).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed", title="mean of each patch projected")
class mean_of_the_patch(nn.Module):
    """Your tokens only know how bright a patch is on average: the pattern inside it is lost before the projection."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.pool = nn.AvgPool2d(patch_size)
        self.projection = nn.Linear(in_chan, embed_dim)

    def forward(self, x):
        return self.projection(self.pool(x).flatten(2).transpose(1, 2))


@instead_of("PatchEmbed", title="ReLU after the projection")
class activation_after_the_projection(nn.Module):
    """You apply a ReLU after the projection, which sets all its negative values to 0. The projection of the patches is
    linear; the first activation of a vision transformer is in its first block."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return torch.relu(self.projection(x).flatten(2).transpose(1, 2))


@instead_of("PatchEmbed")
class gelu_after_the_projection(nn.Module):
    """You apply a GELU after the projection. The projection of the patches is linear; the activations are in the
    blocks."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return nn.functional.gelu(self.projection(x).flatten(2).transpose(1, 2))


@instead_of("PatchEmbed", title="LayerNorm after the projection")
class norm_after_the_projection(nn.Module):
    """You apply a LayerNorm after the projection. Some networks have one there; this one normalizes in its blocks."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)
        self.norm = nn.LayerNorm(embed_dim)

    def forward(self, x):
        return self.norm(self.projection(x).flatten(2).transpose(1, 2))


@instead_of("PatchEmbed")
class patches_normalized_before_the_projection(nn.Module):
    """You bring each patch to mean 0 and variance 1 before you project it, so a bright patch and a dark one give the
    same token. Use the pixels as they are."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.cut = nn.Unfold(patch_size, stride=patch_size)
        self.projection = nn.Linear(in_chan * patch_size**2, embed_dim)

    def forward(self, x):
        patches = self.cut(x).transpose(1, 2)
        return self.projection(nn.functional.layer_norm(patches, patches.shape[-1:]))


@instead_of("PatchEmbed")
class batch_norm_after_the_projection(nn.Module):
    """You apply a batch norm after the projection: it adds parameters that the exercise does not have, and in training
    it makes the tokens of an image depend on the other images of the batch."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)
        self.norm = nn.BatchNorm2d(embed_dim, affine=False)

    def forward(self, x):
        return self.norm(self.projection(x)).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed", title="positions added in the patch embedding")
class positions_added_already(nn.Module):
    """You add something to your tokens that depends on their position. Positions come later, after the class token;
    here equal patches should give equal tokens."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        tokens = self.projection(x).flatten(2).transpose(1, 2)
        return tokens + torch.arange(tokens.shape[1], dtype=x.dtype)[:, None] / tokens.shape[1]


@instead_of("PatchEmbed", title="class token added in the patch embedding")
class class_token_joined_already(nn.Module):
    """You return one token more than there are patches. The network adds the class token later."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)
        self.class_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, x):
        tokens = self.projection(x).flatten(2).transpose(1, 2)
        return torch.cat([self.class_token.expand(len(x), -1, -1), tokens], dim=1)


@instead_of("PatchEmbed", title="only square images handled")
class square_images_only(nn.Module):
    """Your patches are right only for square images: you take the number of columns from the height. Height and width
    can differ."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.patch_size = patch_size
        self.projection = nn.Linear(in_chan * patch_size**2, embed_dim)

    def forward(self, x):
        p, n = self.patch_size, x.shape[2] // self.patch_size
        x = x.reshape(len(x), x.shape[1], n, p, n, p).permute(0, 2, 4, 1, 3, 5)
        return self.projection(x.reshape(len(x), n * n, -1))


@instead_of("PatchEmbed", title="fixed number of 16 patches")
class sixteen_patches_always(nn.Module):
    """Your module assumes 16 patches, as in a digit of 28 × 28 pixels. It should accept images of any size: compute the
    number of patches from the image."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        y = self.projection(x)
        return y.reshape(len(x), y.shape[1], 16).transpose(1, 2)


@instead_of("PatchEmbed", title="batch of one image squeezed")
class batch_of_one_squeezed(nn.Module):
    """With one image, or one patch, an axis of your result is missing: `squeeze` removes every axis of length 1, even
    one that only happens to be 1. Say which axes to remove."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection(x).flatten(2).transpose(1, 2).squeeze()


@instead_of("PatchEmbed", title="images of the batch mixed")
class images_mixed_in_the_batch(nn.Module):
    """You mix the patches of different images: you collect them position by position, (N, B, ...), and reshape that to
    (B, N, ...). The shape fits, but the order is wrong. Along which axis should you stack them?"""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.patch_size = patch_size
        self.projection = nn.Linear(in_chan * patch_size**2, embed_dim)

    def forward(self, x):
        p = self.patch_size
        patches = [patch.flatten(1) for rows in x.split(p, dim=2) for patch in rows.split(p, dim=3)]
        return self.projection(torch.stack(patches).reshape(len(x), len(patches), -1))


@instead_of("PatchEmbed", title="separate bias for each position")
class bias_for_each_position(nn.Module):
    """Your tokens have a different bias for each position in the image. Use one projection for all patches: then it
    learns from each of them, and works for images of any size."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size, bias=False)
        self.biases = nn.Parameter(torch.randn(400, embed_dim))

    def forward(self, x):
        tokens = self.projection(x).flatten(2).transpose(1, 2)
        return tokens + self.biases[: tokens.shape[1]]


@instead_of("PatchEmbed", title="new layer made in each forward pass")
class layer_made_in_forward(nn.Module):
    """Two calls on the same images differ: you make a new layer, with new random weights, in each call of `forward`. A
    layer that is to be trained has to be made once, in `__init__`."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.made = in_chan, embed_dim, patch_size, patch_size

    def forward(self, x):
        return nn.Conv2d(*self.made).to(x.dtype)(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed", title="layer in a plain Python list")
class layer_hidden_in_a_list(nn.Module):
    """Your module has no parameters: its layer is in a plain list, where `nn.Module` does not look for it. Neither an
    optimizer nor `.double()` will find it."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.layers = [nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)]

    def forward(self, x):
        return self.layers[0].to(x.dtype)(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class weight_is_not_a_parameter(nn.Module):
    """Your weights are a plain tensor. A module only learns what is an `nn.Parameter`."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.patch_size = patch_size
        self.weight = 0.1 * torch.randn(in_chan * patch_size**2, embed_dim, requires_grad=True)

    def forward(self, x):
        patches = nn.functional.unfold(x, self.patch_size, stride=self.patch_size).transpose(1, 2)
        return patches @ self.weight.to(x.dtype)


@instead_of("PatchEmbed", title="projection computed without gradient")
class projection_under_no_grad(nn.Module):
    """No gradient reaches your projection, so it keeps its random initial weights: it runs under `no_grad`."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    @torch.no_grad()
    def forward(self, x):
        return self.projection(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class projection_frozen(nn.Module):
    """Your projection cannot be trained: `requires_grad` is False. Its weights should be learned like all the
    others."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size).requires_grad_(False)

    def forward(self, x):
        return self.projection(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class dropout_on_the_tokens(nn.Module):
    """In training some values of your tokens are 0: your module has a dropout, which is not part of the exercise."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x):
        return self.dropout(self.projection(x).flatten(2).transpose(1, 2))


@instead_of("PatchEmbed", title="two linear layers instead of one")
class two_layers(nn.Module):
    """Your patches go through two linear layers. Without an activation between them they can do no more than one, and
    they have more parameters."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)
        self.second = nn.Linear(embed_dim, embed_dim)

    def forward(self, x):
        return self.second(self.projection(x).flatten(2).transpose(1, 2))


@instead_of("PatchEmbed", title="pixels divided by 255 again")
class divided_by_255(nn.Module):
    """The pixels are already in [0, 1], and you divide them by 255 once more: the images become nearly black, and the
    gradients 255 times too small."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection(x / 255).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed", title="pixels rescaled to the range from -1 to 1")
class pixels_shifted(nn.Module):
    """You rescale the pixels to [-1, 1] before you project them. Normalization belongs where the images are loaded;
    here they should be used as they are."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection(2 * x - 1).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class patch_size_ignored(nn.Module):
    """Your patches are always 7 × 7, whatever `patch_size` says. A value that is passed in as an argument should not be
    fixed in the body."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, 7, 7)

    def forward(self, x):
        x = nn.functional.pad(x, (0, -x.shape[3] % 7, 0, -x.shape[2] % 7))
        return self.projection(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed", title="wrong default patch size")
class wrong_defaults(nn.Module):
    """By default your patches are 16 × 16, as in the paper. Here they should be 7 × 7: a digit has only 28 × 28
    pixels."""

    def __init__(self, in_chan=3, patch_size=16, embed_dim=768):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed", title="caller's images changed in place")
class pixels_overwritten(nn.Module):
    """You write into the images that you are given (`x -= ...`), but they belong to the caller, who may use them
    again."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        with torch.no_grad():
            x -= 0.5
        return self.projection(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed", title="tokens always in float32")
class cast_to_single_precision(nn.Module):
    """Your tokens are float32, whatever the images are: a `.float()` prevents the network from running in double
    precision."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection.float()(x.float()).flatten(2).transpose(1, 2)
