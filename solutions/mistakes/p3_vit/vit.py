"""Known mistakes of `vit`.

Each takes the place of the class of the reference solution, mostly as a subclass of it that does one thing in another
way. Students read its title, which is its name in plain words unless another is given, and its docstring, the hint.
"""

# ruff: noqa: F821  (torch, ViT and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("ViT", title="positional embedding missing")
class PositionsMissing(ViT):
    """Your tokens have no positions: you add none, or zeros that are never trained. For attention the tokens are a set:
    shuffling the patches of an image changes nothing. How should the network know where a patch was?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1)
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT", title="positions added before and after the class token")
class PositionsAddedTwice(ViT):
    """You add the positions twice, before the class token joins and after. Add them only once: twice as large, they
    drown the content of the patches."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images) + self.positions[:, 1:]
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT", title="positions added twice in a row")
class PositionsAddedTwiceAtOnce(ViT):
    """You add the same positions to your tokens twice in a row."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        tokens = tokens + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT", title="positions added before each block")
class PositionsBeforeEachBlock(ViT):
    """You add the positions again before each block. Once is enough: the blocks add to the tokens and pass them on, positions
    included."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        tokens = torch.cat([self.class_token.expand(len(images), -1, -1), patches], dim=1)
        for block in self.blocks:
            tokens = block(tokens + self.positions)
        return self.head(self.norm(tokens[:, 0]))


@instead_of("ViT", title="positions multiplied instead of added")
class PositionsMultiplied(ViT):
    """You multiply the tokens by the positions. They are numbers between −1 and 1, some of them zero, so parts of the tokens
    are lost. How do a token and its position become one vector?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        tokens = torch.cat([self.class_token.expand(len(images), -1, -1), patches], dim=1) * self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT", title="patches cut as strips instead of squares")
class PatchesAsStrips(ViT):
    """Each of your tokens is made of pixels that follow each other in memory, which is a strip of the image and not a
    square. A reshape never moves a number: first bring the axes of a patch next to each other."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.patch_embed = nn.Linear(in_chan * patch_size**2, embed_dim)

    def forward(self, images):
        patches = self.patch_embed(images.reshape(len(images), -1, self.patch_embed.in_features))
        tokens = torch.cat([self.class_token.expand(len(images), -1, -1), patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT", title="positions added after the blocks")
class PositionsAfterTheClassTokenIsDropped(ViT):
    """You add your positions after the blocks, or when only the class token is left: there they are a constant, the
    same for every image, and no attention uses them any more. They belong to all tokens, before the blocks."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1)
        return self.head(self.norm(self.blocks(tokens)[:, 0] + self.positions[:, 0]))


@instead_of("ViT", title="position added to the class token only")
class PositionsOfTheClassTokenOnly(ViT):
    """Only your class token gets a position, although it is always in the same place. The patches are what the
    positions should tell apart."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens + self.positions[:, :1], patches], dim=1)
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT")
class PositionsIndexedByTheBatch(ViT):
    """All tokens of an image get the position of the image in the batch. Which axis of (B, N, embed_dim) are the
    positions for?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions[:, : len(images)].transpose(0, 1)
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT")
class OnePositionForAllTokens(ViT):
    """All your tokens get the vector of the first position. A position that is the same for all tokens carries no
    information."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions[:, 1:2]
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT", title="class token is not a parameter")
class ClassTokenNotAParameter(ViT):
    """Your class token is a plain tensor. The module does not know it: no optimizer trains it, and it is left behind
    when the model moves to another dtype or device."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        del self.class_token
        self.token = torch.randn(1, 1, embed_dim)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.token.to(patches).expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT")
class ClassTokenFrozen(ViT):
    """Your class token does not require gradients, so it never learns."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.class_token.requires_grad_(False)


@instead_of("ViT", title="class token detached from the graph")
class ClassTokenDetached(ViT):
    """Your class token is a parameter, but you add a detached copy to the sequence, so no gradient comes back to it."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.detach().expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT", title="class token of zeros that is never trained")
class ClassTokenOfZeros(ViT):
    """Your class token is zero and stays zero. It should be a vector that is trained with the rest: an nn.Parameter of the
    module that requires gradients."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        del self.class_token

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = patches.new_zeros(len(images), 1, patches.shape[2])
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT", title="new random class token in each call")
class ClassTokenDrawnEachTime(ViT):
    """You draw a new class token in each call, so the same image gets different scores every time. It should be one
    vector that is trained with the rest."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = torch.randn_like(patches[:, :1])
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT", title="class token added to the batch axis")
class ClassTokenJoinedToTheBatch(ViT):
    """You add your class token along the batch: it acts as one more image, and the sequences have none. Which axis of
    (B, N, embed_dim) holds the tokens?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(1, patches.shape[1], -1)
        tokens = torch.cat([class_tokens, patches], dim=0) + self.positions[:, 1:]
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT", title="class token added to the feature axis")
class ClassTokenJoinedToTheFeatures(ViT):
    """You add your class token along the features, so every token gets longer, but no token is added. Which axis of (B,
    N, embed_dim) holds the tokens?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(*patches.shape[:2], -1)
        tokens = torch.cat([class_tokens, patches], dim=2) + self.positions[:, 1:]
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT", title="separate class token for each image of the batch")
class OneClassTokenForEachPlaceInTheBatch(ViT):
    """Your class token has a batch axis, so there is one for each place in a batch, and only batches of one size work.
    Use one class token for all images: how do you repeat it?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.class_token = nn.Parameter(torch.randn(3, 1, embed_dim))

    def forward(self, images):
        patches = self.patch_embed(images)
        tokens = torch.cat([self.class_token[: len(images)], patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT", title="mean of all tokens instead of the class token")
class MeanInsteadOfTheClassToken(ViT):
    """You average over all tokens. That is possible too, but here the head should read the class token: it collects
    what matters, while a mean gives every patch the same weight."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)).mean(dim=1))


@instead_of("ViT", title="mean of the patches instead of the class token")
class MeanOfThePatches(ViT):
    """Your head reads the mean of the patches. It should read the class token, which you drop."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 1:].mean(dim=1)))


@instead_of("ViT", title="head reads the last patch")
class HeadOnTheLastPatch(ViT):
    """Your class token is the first token of the sequence, but your head reads the last."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, -1]))


@instead_of("ViT", title="head reads the first patch")
class HeadOnTheFirstPatch(ViT):
    """Your head reads token number 1, which is the first patch. Where did you put the class token?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 1]))


@instead_of("ViT")
class FinalNormMissing(ViT):
    """The head reads the class token straight from the last block. In a pre-norm transformer the output of the blocks
    is not normalized: what should come between the blocks and the head?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.blocks(tokens)[:, 0])


@instead_of("ViT", title="final norm before the blocks")
class NormBeforeTheBlocks(ViT):
    """Your norm comes before the first block. The final norm should follow the last one, where the tokens have grown
    with everything that was added."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.blocks(self.norm(tokens))[:, 0])


@instead_of("ViT", title="one block repeated")
class SameBlockAgainAndAgain(ViT):
    """You make one block and use it nb_blocks times: a list times a number repeats the same object. Each block should
    have its own weights."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.blocks = nn.Sequential(*([Block(embed_dim, num_heads)] * nb_blocks))


@instead_of("ViT", title="number of blocks fixed at two")
class NumberOfBlocksIgnored(ViT):
    """There are always two blocks in your network, whatever nb_blocks says."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.blocks = nn.Sequential(Block(embed_dim, num_heads), Block(embed_dim, num_heads))


@instead_of("ViT")
class OneBlockTooMany(ViT):
    """Your network has one block more than nb_blocks."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.blocks.append(Block(embed_dim, num_heads))


@instead_of("ViT", title="blocks in a plain Python list")
class BlocksInAPlainList(ViT):
    """Your blocks are in a plain Python list, where nn.Module does not look: their parameters are not trained, and they
    are left behind when the model moves to another dtype or device. Which container does nn.Module look into?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.blocks = None
        self.layers = [Block(embed_dim, num_heads) for _ in range(nb_blocks)]

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        for block in self.layers:
            tokens = block.to(tokens.dtype)(tokens)
        return self.head(self.norm(tokens[:, 0]))


@instead_of("ViT", title="only the last block used")
class OnlyTheLastBlockCounts(ViT):
    """Each of your blocks reads the original tokens, so the output of all but the last is discarded. What should a
    block read?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        result = tokens
        for block in self.blocks:
            result = block(tokens)
        return self.head(self.norm(result[:, 0]))


@instead_of("ViT", title="number of channels ignored")
class ChannelsIgnored(ViT):
    """Your patch embedding reads one channel, whatever in_chan says."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.patch_embed = PatchEmbed(1, patch_size, embed_dim)


@instead_of("ViT", title="only the first channel used")
class OnlyTheFirstChannelIsRead(ViT):
    """You use the first channel of the images and drop the others."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.patch_embed = PatchEmbed(1, patch_size, embed_dim)

    def forward(self, images):
        patches = self.patch_embed(images[:, :1])
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT", title="number of heads not passed to the blocks")
class NumberOfHeadsIgnored(ViT):
    """You do not pass num_heads on to the blocks, so they use their default."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.blocks = nn.Sequential(*[Block(embed_dim) for _ in range(nb_blocks)])


@instead_of("ViT", title="number of classes fixed at ten")
class NumberOfClassesIgnored(ViT):
    """Your head always has ten outputs, whatever nb_classes says."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.head = nn.Linear(embed_dim, 10)


@instead_of("ViT")
class ImageSizeIgnored(ViT):
    """Your positions are always made for images of 28 pixels, whatever img_size says. How many patches are there?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.positions = get_positional_embeddings((28 // patch_size) ** 2 + 1, embed_dim)


@instead_of("ViT", title="softmax at the end of the network")
class SoftmaxAtTheEnd(ViT):
    """Your network returns probabilities. PyTorch's cross-entropy expects scores and applies the softmax itself."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return torch.softmax(self.head(self.norm(self.blocks(tokens)[:, 0])), dim=1)


@instead_of("ViT", title="dropout on the tokens")
class DropoutActive(ViT):
    """In training a tenth of your tokens' values is dropped at random. The signature has no dropout, so nothing should
    be dropped."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        tokens = nn.functional.dropout(tokens, 0.1, self.training)
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT", title="post-norm blocks instead of pre-norm")
class PostNormBlocks(ViT):
    """Your blocks normalize after each addition, which is the default of PyTorch's encoder layer. Which of its
    arguments changes where the norm goes?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        layers = [
            nn.TransformerEncoderLayer(embed_dim, num_heads, 4 * embed_dim, 0.0, "gelu", batch_first=True)
            for _ in range(nb_blocks)
        ]
        self.blocks = nn.Sequential(*layers)


@instead_of("ViT", title="batch and token axes swapped")
class BatchAndTokensExchanged(ViT):
    """Your encoder layers use the first axis for the tokens, which is PyTorch's default: images attend to images."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        layers = [
            nn.TransformerEncoderLayer(embed_dim, num_heads, 4 * embed_dim, 0.0, "gelu", norm_first=True)
            for _ in range(nb_blocks)
        ]
        self.blocks = nn.Sequential(*layers)


@instead_of("ViT", title="hidden size left at PyTorch's default")
class DefaultHiddenSize(ViT):
    """The hidden layers of your blocks have 2048 features, which is the default of PyTorch's encoder layer. They should
    have four times embed_dim."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        layers = [
            nn.TransformerEncoderLayer(
                embed_dim, num_heads, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
            )
            for _ in range(nb_blocks)
        ]
        self.blocks = nn.Sequential(*layers)


@instead_of("ViT")
class HeadFrozen(ViT):
    """Your head is frozen at its random initial weights. It should be trained with the rest."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.head.requires_grad_(False)


@instead_of("ViT", title="patch embedding computed without gradient")
class PatchEmbeddingWithoutGradient(ViT):
    """Your patch embedding runs under no_grad, so it keeps its random initial weights."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        with torch.no_grad():
            patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT", title="attention in the blocks not scaled")
class AttentionNotScaled(ViT):
    """The attention in your blocks takes the softmax of queries times keys as they are. What are they divided by in
    `multi_head_attention`, and can you use that layer here?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        root = (embed_dim // num_heads) ** 0.5
        for block in self.blocks:
            block.attention.query.register_forward_hook(lambda layer, given, result: root * result)


@instead_of("ViT", title="second GELU at the end of the MLP in the blocks")
class SecondGeluInTheMlp(ViT):
    """The MLP in your blocks ends in a second GELU, so it can hardly add anything negative to a token. There should be one
    GELU, between its two layers."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        for block in self.blocks:
            block.mlp.register_forward_hook(lambda layer, given, result: nn.functional.gelu(result))


@instead_of("ViT", title="only the first block used")
class FirstBlockAgainAndAgain(ViT):
    """You create nb_blocks blocks, but call the first one each time. The others have parameters that no image reaches."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        for _ in self.blocks:
            tokens = self.blocks[0](tokens)
        return self.head(self.norm(tokens[:, 0]))
