"""Known mistakes of `vit`.

Each takes the place of the class of the reference solution, mostly as a subclass of it that does one thing in another
way. Its name is the mistake, its docstring the hint that a student reads.
"""

# ruff: noqa: F821  (torch, ViT and the rest are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("ViT")
class PositionsMissing(ViT):
    """Your tokens carry no positions: none are added, or they are zeros that are never trained. To attention tokens are
    a set: an image whose patches are shuffled is the same image. What tells the network where a patch was?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1)
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT")
class PositionsAddedTwice(ViT):
    """Your positions are in the tokens twice, once before the class token joins and once after. Once is enough:
    twice as large they drown what is on the patches."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images) + self.positions[:, 1:]
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT")
class PositionsAddedTwiceAtOnce(ViT):
    """The same positions are added to your tokens two times in a row."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        tokens = tokens + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT")
class PositionsAfterTheClassTokenIsDropped(ViT):
    """Your positions come when the blocks are done, or when only the class token is left: there they are one constant,
    the same for every image, and no attention looks at them any more. They belong to all tokens, before the blocks."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1)
        return self.head(self.norm(self.blocks(tokens)[:, 0] + self.positions[:, 0]))


@instead_of("ViT")
class PositionsOfTheClassTokenOnly(ViT):
    """Only your class token is given a position, and it is always at the same place. It is the patches that have
    to be told apart."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens + self.positions[:, :1], patches], dim=1)
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT")
class PositionsIndexedByTheBatch(ViT):
    """The position that an image's tokens get is that of the image in the batch: each image has one vector for all
    of its tokens. Which axis of (B, N, embed_dim) are the positions for?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions[:, : len(images)].transpose(0, 1)
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT")
class OnePositionForAllTokens(ViT):
    """All your tokens get the vector of the first position. A position that is the same for all says nothing."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions[:, 1:2]
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT")
class ClassTokenNotAParameter(ViT):
    """Your class token is a plain tensor. The module does not know it: no optimizer trains it, and it stays behind
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
    """Your class token has its gradient switched off, so it never learns what to ask the patches."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.class_token.requires_grad_(False)


@instead_of("ViT")
class ClassTokenDetached(ViT):
    """Your class token is a parameter, but what joins the sequence is a detached copy, and no gradient comes back
    to it."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.detach().expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT")
class ClassTokenOfZerosEachTime(ViT):
    """You make a new class token of zeros in each call. It should be one vector that is trained with the rest."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        del self.class_token

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = patches.new_zeros(len(images), 1, patches.shape[2])
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT")
class ClassTokenDrawnEachTime(ViT):
    """You draw a new class token in each call, so the same image gets other scores every time."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = torch.randn_like(patches[:, :1])
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT")
class ClassTokenJoinedToTheBatch(ViT):
    """Your class token is joined along the batch: it is one image more, and the sequences have none. In (B, N,
    embed_dim) tokens stand on which axis?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(1, patches.shape[1], -1)
        tokens = torch.cat([class_tokens, patches], dim=0) + self.positions[:, 1:]
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT")
class ClassTokenJoinedToTheFeatures(ViT):
    """Your class token is joined along the features, so every token gets longer and none is added. In (B, N,
    embed_dim) tokens stand on which axis?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(*patches.shape[:2], -1)
        tokens = torch.cat([class_tokens, patches], dim=2) + self.positions[:, 1:]
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT")
class OneClassTokenForEachPlaceInTheBatch(ViT):
    """Your class token has a batch axis of its own, so there is one for each place in a batch, and only for
    batches of one size. There is one class token for all images: how is it repeated?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.class_token = nn.Parameter(torch.randn(3, 1, embed_dim))

    def forward(self, images):
        patches = self.patch_embed(images)
        tokens = torch.cat([self.class_token[: len(images)], patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT")
class MeanInPlaceOfTheClassToken(ViT):
    """You average over all tokens. That is done as well, but here the class token is asked: it collects what
    matters, where a mean takes every patch alike."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)).mean(dim=1))


@instead_of("ViT")
class MeanOfThePatches(ViT):
    """Your head reads the mean of the patches. The class token stands beside them and is dropped."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 1:].mean(dim=1)))


@instead_of("ViT")
class HeadOnTheLastPatch(ViT):
    """Your class token is the first of the sequence, and your head reads the last."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, -1]))


@instead_of("ViT")
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
    """The head reads the class token as it comes out of the last block. In a pre-norm transformer nobody has
    normalized it by then: what comes between?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.blocks(tokens)[:, 0])


@instead_of("ViT")
class NormBeforeTheBlocks(ViT):
    """Your norm stands before the first block. The final norm follows the last one, where the tokens have grown by
    all that was added."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.blocks(self.norm(tokens))[:, 0])


@instead_of("ViT")
class SameBlockAgainAndAgain(ViT):
    """You make one block and use it nb_blocks times: a list times a number repeats the same object. Each block
    should learn weights of its own."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.blocks = nn.Sequential(*([Block(embed_dim, num_heads)] * nb_blocks))


@instead_of("ViT")
class NumberOfBlocksIgnored(ViT):
    """There are two blocks in your network, whatever nb_blocks says."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.blocks = nn.Sequential(Block(embed_dim, num_heads), Block(embed_dim, num_heads))


@instead_of("ViT")
class OneBlockTooMany(ViT):
    """Your network has one block more than nb_blocks."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.blocks.append(Block(embed_dim, num_heads))


@instead_of("ViT")
class BlocksInAPlainList(ViT):
    """Your blocks are in a Python list, in which nn.Module does not look: their parameters are not trained, and
    they stay behind when the model moves to another dtype or device. Which container does it look into?"""

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


@instead_of("ViT")
class OnlyTheLastBlockCounts(ViT):
    """Every one of your blocks reads the first tokens, and the result of all but the last is thrown away. What
    does a block read?"""

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


@instead_of("ViT")
class ChannelsIgnored(ViT):
    """Your patch embedding reads one channel, whatever in_chan says."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.patch_embed = PatchEmbed(1, patch_size, embed_dim)


@instead_of("ViT")
class OnlyTheFirstChannelIsRead(ViT):
    """You take the first channel of the images and drop the others."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.patch_embed = PatchEmbed(1, patch_size, embed_dim)

    def forward(self, images):
        patches = self.patch_embed(images[:, :1])
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT")
class NumberOfHeadsIgnored(ViT):
    """num_heads is in your signature and does not reach the blocks, whose default is used."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.blocks = nn.Sequential(*[Block(embed_dim) for _ in range(nb_blocks)])


@instead_of("ViT")
class NumberOfClassesIgnored(ViT):
    """Your head has ten outputs, whatever nb_classes says."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.head = nn.Linear(embed_dim, 10)


@instead_of("ViT")
class ImageSizeIgnored(ViT):
    """Your positions are made for images of 28 pixels, whatever img_size says. How many patches are there?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.positions = get_positional_embeddings((28 // patch_size) ** 2 + 1, embed_dim)


@instead_of("ViT")
class SoftmaxAtTheEnd(ViT):
    """Your network returns probabilities. The cross-entropy of PyTorch takes scores and applies the softmax
    itself."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return torch.softmax(self.head(self.norm(self.blocks(tokens)[:, 0])), dim=1)


@instead_of("ViT")
class DropoutActive(ViT):
    """A tenth of your tokens' numbers is dropped at random in training. The signature has no dropout, so nothing
    is."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        tokens = nn.functional.dropout(tokens, 0.1, self.training)
        return self.head(self.norm(self.blocks(tokens)[:, 0]))


@instead_of("ViT")
class PostNormBlocks(ViT):
    """Your blocks normalize after each addition: torch's encoder layer does so unless it is told otherwise. Which
    of its arguments says where the norm stands?"""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        layers = [
            nn.TransformerEncoderLayer(embed_dim, num_heads, 4 * embed_dim, 0.0, "gelu", batch_first=True)
            for _ in range(nb_blocks)
        ]
        self.blocks = nn.Sequential(*layers)


@instead_of("ViT")
class BatchAndTokensExchanged(ViT):
    """Your encoder layers take the first axis for the tokens, as torch's do unless they are told otherwise: images
    attend to images."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        layers = [
            nn.TransformerEncoderLayer(embed_dim, num_heads, 4 * embed_dim, 0.0, "gelu", norm_first=True)
            for _ in range(nb_blocks)
        ]
        self.blocks = nn.Sequential(*layers)


@instead_of("ViT")
class HiddenSizeOfTorch(ViT):
    """The hidden layers of your blocks have 2048 features, which is the default of torch's encoder layer. Asked
    for are four times embed_dim."""

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
class HeadWithoutWeightsToLearn(ViT):
    """Your head is frozen at its first, random weights. It is trained with the rest."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)
        self.head.requires_grad_(False)


@instead_of("ViT")
class PatchEmbeddingWithoutGradient(ViT):
    """Your patch embedding runs under no_grad, so it stays as random as it was at first."""

    def __init__(self, embed_dim, nb_blocks, patch_size, nb_classes=10, img_size=28, in_chan=1, num_heads=4):
        super().__init__(embed_dim, nb_blocks, patch_size, nb_classes, img_size, in_chan, num_heads)

    def forward(self, images):
        with torch.no_grad():
            patches = self.patch_embed(images)
        class_tokens = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_tokens, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens)[:, 0]))
