"""Known mistakes of `patch_embedding`.

Each takes the place of the class of the reference solution. Its name is the mistake, its docstring the hint that a
student reads.
"""

# ruff: noqa: F821  (torch and nn are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("PatchEmbed")
class column_major_order(nn.Module):
    """Your tokens go down the first column of patches, then down the second. The order asked for is the one in which a
    page is read. Which of the axes of a feature map are its rows, and which does a flatten run through fastest?"""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection(x).transpose(2, 3).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class reshape_without_permute(nn.Module):
    """Each of your tokens is made of a run of pixels that follow each other in memory, which is a strip of the image
    and no square. A reshape never moves a number: the axes of a patch have to stand side by side before it."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Linear(in_chan * patch_size**2, embed_dim)

    def forward(self, x):
        return self.projection(x.reshape(len(x), -1, self.projection.in_features))


@instead_of("PatchEmbed")
class numbers_before_tokens(nn.Module):
    """You return (B, embed_dim, N). What reads your tokens expects each of them as a row: (B, N, embed_dim)."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection(x).flatten(2)


@instead_of("PatchEmbed")
class view_in_place_of_transpose(nn.Module):
    """Your shape is right and your numbers are in the wrong places: a view to (B, N, embed_dim) reads the numbers in the
    order in which they lie in memory, so that a token is made of pieces of many. Two axes are to be exchanged."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        y = self.projection(x)
        return y.reshape(len(x), -1, y.shape[1])


@instead_of("PatchEmbed")
class map_of_tokens(nn.Module):
    """You return a map of tokens, with four axes. A transformer reads a sequence: one axis in place of the rows and
    columns of patches."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection(x).permute(0, 2, 3, 1)


@instead_of("PatchEmbed")
class overlapping_patches(nn.Module):
    """There are too many tokens: your convolution moves on by one pixel, so that the patches overlap. How far is it from
    one patch to the next?"""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size)

    def forward(self, x):
        return self.projection(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class patches_that_reach_out(nn.Module):
    """The number of your tokens is right, and each sees one pixel more than its patch on every side: a larger kernel,
    with padding. A patch is patch_size × patch_size."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size + 2, patch_size, padding=1)

    def forward(self, x):
        return self.projection(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class padded_patches(nn.Module):
    """Your image has a border of zeros around it, so the first row of patches is half empty and the grid is shifted.
    The patches divide the image evenly: nothing is to be added."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size, padding=patch_size // 2)

    def forward(self, x):
        return self.projection(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class first_channel_only(nn.Module):
    """Only the first channel of the image reaches your tokens: red counts, green and blue do not."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(1, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection(x[:, :1]).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class channels_share_their_weights(nn.Module):
    """Your patches go through the projection channel by channel, with the same weights, and the results are added: so
    red and blue are all one. Each channel of each pixel has a weight of its own."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(1, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection(x.sum(dim=1, keepdim=True)).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class mean_of_the_patch(nn.Module):
    """Your tokens know only how bright a patch is on average: what is drawn in it is lost before the projection."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.pool = nn.AvgPool2d(patch_size)
        self.projection = nn.Linear(in_chan, embed_dim)

    def forward(self, x):
        return self.projection(self.pool(x).flatten(2).transpose(1, 2))


@instead_of("PatchEmbed")
class activation_after_the_projection(nn.Module):
    """A ReLU follows your projection, and throws away half of what it says. The projection of patches is linear; the
    first activation of a vision transformer stands in its first block."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return torch.relu(self.projection(x).flatten(2).transpose(1, 2))


@instead_of("PatchEmbed")
class gelu_after_the_projection(nn.Module):
    """A GELU follows your projection. The projection of patches is linear; activations come in the blocks."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return nn.functional.gelu(self.projection(x).flatten(2).transpose(1, 2))


@instead_of("PatchEmbed")
class norm_after_the_projection(nn.Module):
    """A LayerNorm follows your projection. Some networks have one there; this one normalizes in its blocks."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)
        self.norm = nn.LayerNorm(embed_dim)

    def forward(self, x):
        return self.norm(self.projection(x).flatten(2).transpose(1, 2))


@instead_of("PatchEmbed")
class norm_without_parameters(nn.Module):
    """Each patch is brought to mean 0 and variance 1 before it is projected, so a bright patch and a dark one give the
    same token. The pixels are to be used as they are."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.cut = nn.Unfold(patch_size, stride=patch_size)
        self.projection = nn.Linear(in_chan * patch_size**2, embed_dim)

    def forward(self, x):
        patches = self.cut(x).transpose(1, 2)
        return self.projection(nn.functional.layer_norm(patches, patches.shape[-1:]))


@instead_of("PatchEmbed")
class batch_norm_after_the_projection(nn.Module):
    """A batch norm follows your projection: it has parameters that nobody asked for, and in training it makes the token
    of an image depend on the other images of the batch."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)
        self.norm = nn.BatchNorm2d(embed_dim, affine=False)

    def forward(self, x):
        return self.norm(self.projection(x)).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class positions_added_already(nn.Module):
    """Something that depends on the place is added to your tokens. Positions come later, when the class token has been
    joined; here equal patches are to give equal tokens."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        tokens = self.projection(x).flatten(2).transpose(1, 2)
        return tokens + torch.arange(tokens.shape[1], dtype=x.dtype)[:, None] / tokens.shape[1]


@instead_of("PatchEmbed")
class class_token_joined_already(nn.Module):
    """You return one token more than there are patches. The class token is joined later, by the network."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)
        self.class_token = nn.Parameter(torch.zeros(1, 1, embed_dim))

    def forward(self, x):
        tokens = self.projection(x).flatten(2).transpose(1, 2)
        return torch.cat([self.class_token.expand(len(x), -1, -1), tokens], dim=1)


@instead_of("PatchEmbed")
class square_images_only(nn.Module):
    """Your patches are right as long as the image is a square: the number of columns is taken from its height. Height
    and width are two numbers."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.patch_size = patch_size
        self.projection = nn.Linear(in_chan * patch_size**2, embed_dim)

    def forward(self, x):
        p, n = self.patch_size, x.shape[2] // self.patch_size
        x = x.reshape(len(x), x.shape[1], n, p, n, p).permute(0, 2, 4, 1, 3, 5)
        return self.projection(x.reshape(len(x), n * n, -1))


@instead_of("PatchEmbed")
class sixteen_patches_always(nn.Module):
    """Your module counts on 16 patches, as a digit of 28 × 28 pixels has. It should take images of any size: count the
    patches of the image that is there."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        y = self.projection(x)
        return y.reshape(len(x), y.shape[1], 16).transpose(1, 2)


@instead_of("PatchEmbed")
class batch_of_one_squeezed(nn.Module):
    """With one image, or one patch, an axis of your result is missing: `squeeze` takes away every axis of length 1, also
    those that only happen to be. Say which axes are to go."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection(x).flatten(2).transpose(1, 2).squeeze()


@instead_of("PatchEmbed")
class images_mixed_in_the_batch(nn.Module):
    """The patches of different images end up in one: you collect them place by place, (N, B, ...), and reshape that to
    (B, N, ...). It holds as many numbers, and they are others. Along which axis are they to be stacked?"""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.patch_size = patch_size
        self.projection = nn.Linear(in_chan * patch_size**2, embed_dim)

    def forward(self, x):
        p = self.patch_size
        patches = [patch.flatten(1) for rows in x.split(p, dim=2) for patch in rows.split(p, dim=3)]
        return self.projection(torch.stack(patches).reshape(len(x), len(patches), -1))


@instead_of("PatchEmbed")
class projection_for_each_place(nn.Module):
    """Each place of the image has a bias of its own in your tokens. One projection serves for all patches: that is what
    lets it learn from each of them, and take images of any size."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size, bias=False)
        self.biases = nn.Parameter(torch.randn(400, embed_dim))

    def forward(self, x):
        tokens = self.projection(x).flatten(2).transpose(1, 2)
        return tokens + self.biases[: tokens.shape[1]]


@instead_of("PatchEmbed")
class layer_made_in_forward(nn.Module):
    """Two calls on the same images differ: you make a new layer, with new random weights, in each call of `forward`. A
    layer that is to learn is made once, in `__init__`."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.made = in_chan, embed_dim, patch_size, patch_size

    def forward(self, x):
        return nn.Conv2d(*self.made).to(x.dtype)(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class layer_hidden_in_a_list(nn.Module):
    """Your module has no parameters: its layer lies in a plain list, where `nn.Module` does not look for it. Neither an
    optimizer nor `.double()` will find it."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.layers = [nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)]

    def forward(self, x):
        return self.layers[0].to(x.dtype)(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class weight_is_no_parameter(nn.Module):
    """Your weights are a tensor, and a module learns only what is an `nn.Parameter`."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.patch_size = patch_size
        self.weight = 0.1 * torch.randn(in_chan * patch_size**2, embed_dim, requires_grad=True)

    def forward(self, x):
        patches = nn.functional.unfold(x, self.patch_size, stride=self.patch_size).transpose(1, 2)
        return patches @ self.weight.to(x.dtype)


@instead_of("PatchEmbed")
class projection_under_no_grad(nn.Module):
    """No gradient reaches your projection, so it stays as random as it began: it runs under `no_grad`."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    @torch.no_grad()
    def forward(self, x):
        return self.projection(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class projection_frozen(nn.Module):
    """Your projection is not trainable: `requires_grad` is False. Its weights are learned like all the others."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size).requires_grad_(False)

    def forward(self, x):
        return self.projection(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class dropout_on_the_tokens(nn.Module):
    """In training some numbers of your tokens are 0: there is a dropout in the module, which nobody asked for."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x):
        return self.dropout(self.projection(x).flatten(2).transpose(1, 2))


@instead_of("PatchEmbed")
class two_layers(nn.Module):
    """Your patches go through two linear layers. With nothing between them they can do no more than one, and they have
    more to learn."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)
        self.second = nn.Linear(embed_dim, embed_dim)

    def forward(self, x):
        return self.second(self.projection(x).flatten(2).transpose(1, 2))


@instead_of("PatchEmbed")
class divided_by_255(nn.Module):
    """The pixels arrive in [0, 1], and you divide them by 255 once more: all that is left is nearly black, and the
    gradients are 255 times too small."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection(x / 255).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class pixels_shifted(nn.Module):
    """You shift and stretch the pixels to [-1, 1] before you project them. If the images are to be normalized, that is
    done where they are loaded; here they are used as they are."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection(2 * x - 1).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class patch_size_ignored(nn.Module):
    """Your patches are 7 × 7, whatever `patch_size` says. A number that stands in the signature should not stand in the
    body."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, 7, 7)

    def forward(self, x):
        x = nn.functional.pad(x, (0, -x.shape[3] % 7, 0, -x.shape[2] % 7))
        return self.projection(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class wrong_defaults(nn.Module):
    """Without arguments your patches are 16 × 16, as in the paper. Here they are 7 × 7: a digit has only 28 × 28 pixels."""

    def __init__(self, in_chan=3, patch_size=16, embed_dim=768):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class pixels_overwritten(nn.Module):
    """You write into the images that you are given (`x -= ...`), and they belong to the caller, who may use them again."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        with torch.no_grad():
            x -= 0.5
        return self.projection(x).flatten(2).transpose(1, 2)


@instead_of("PatchEmbed")
class cast_to_single_precision(nn.Module):
    """Your tokens are float32, whatever the images are: `.float()` is in the way of a network in double precision."""

    def __init__(self, in_chan=1, patch_size=7, embed_dim=128):
        super().__init__()
        self.projection = nn.Conv2d(in_chan, embed_dim, patch_size, patch_size)

    def forward(self, x):
        return self.projection.float()(x.float()).flatten(2).transpose(1, 2)
