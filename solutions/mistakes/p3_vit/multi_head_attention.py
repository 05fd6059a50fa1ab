"""Known mistakes of `multi_head_attention`.

Each takes the place of the class of the reference solution, and most build on it. Its name is the mistake, its
docstring the hint that a student reads.
"""

# ruff: noqa: F821, N801  (torch and MultiHeadsSelfAttention are names of the reference solution, to which a mistake is appended)

from autograder.course.mistakes import instead_of


@instead_of("MultiHeadsSelfAttention")
class no_scaling(MultiHeadsSelfAttention):
    """Your scores are not divided by √d. The scalar product of two vectors grows with their length, and the softmax of
    large scores is all 0 and 1: no gradient passes it."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1)
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class multiplied_by_the_root(MultiHeadsSelfAttention):
    """Your scores are multiplied by √d, where they are to be divided by it. `a / b ** -0.5` and `a * b ** 0.5` are the
    same."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) * d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class scaled_by_the_whole_embedding(MultiHeadsSelfAttention):
    """You divide by √embed_dim in each head. A head's queries and keys have d = embed_dim / num_heads features: only
    those are summed."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / C**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class scaled_by_the_number_of_heads(MultiHeadsSelfAttention):
    """You divide by √num_heads. What makes a scalar product large is how many features are summed: d, in each head."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / heads**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class divided_without_the_root(MultiHeadsSelfAttention):
    """Your scores are divided by d, not by its root. That is too much: they then are all near 0, and every token gets
    the same weight."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class split_by_view_alone(MultiHeadsSelfAttention):
    """You split by `view(B, heads, N, d)`. The shape is right and the numbers are not: a view keeps their order in
    memory, so a head gets all features of some tokens in place of some features of all. First (B, N, heads, d), then
    let two axes change places."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).reshape(B, heads, N, d) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class joined_by_view_alone(MultiHeadsSelfAttention):
    """You join the heads by reshaping (B, heads, N, d) to (B, N, C) at once, which mixes tokens with heads: a reshape
    keeps the order of the numbers in memory. First (B, N, heads, d), as it was before the split."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class split_and_joined_by_view_alone(MultiHeadsSelfAttention):
    """You split by `view(B, heads, N, d)` and join by another. The shapes are right and the numbers are not: a view
    keeps their order in memory, so a head gets all features of some tokens in place of some features of all."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).reshape(B, heads, N, d) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class heads_compared_in_place_of_tokens(MultiHeadsSelfAttention):
    """Your scores are for pairs of heads, (B, N, heads, heads): each token is alone with itself. The axis of the heads
    has to stand before that of the tokens when the product is taken; which transpose is missing?"""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class values_split_by_view_alone(MultiHeadsSelfAttention):
    """Queries and keys are split as they should be, and the values by a `view` alone: their heads hold features of
    other tokens."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        V = self.value(x).reshape(B, heads, N, d)
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class softmax_over_the_queries(MultiHeadsSelfAttention):
    """Your softmax runs over the queries: what a key is given by all tokens sums to 1. It should be what a token gives
    to all keys. Which of the axes of (B, heads, N, N) are the keys?"""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-2) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class softmax_over_the_heads(MultiHeadsSelfAttention):
    """Your softmax runs over the heads: for each pair of tokens the heads share one weight of 1. `dim=1` was the
    queries' axis without heads; which are the keys now?"""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class softmax_over_the_batch(MultiHeadsSelfAttention):
    """Your softmax runs over the batch, so that the images compete with each other, and a batch of one has weights of
    1. Which axis of (B, heads, N, N) are the keys?"""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=0) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class softmax_twice(MultiHeadsSelfAttention):
    """Your softmax is applied twice. The second one takes weights between 0 and 1 for scores, and makes them nearly
    equal."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        scores = torch.softmax(scores, dim=-1)
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class no_softmax(MultiHeadsSelfAttention):
    """Your scores go to the values as they are: they may be negative, and sum to anything. What makes weights of
    scores?"""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((scores @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class weights_transposed(MultiHeadsSelfAttention):
    """Your weights are transposed before they meet the values: token i then takes from token j what j gave to i, and
    these do not sum to 1."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        weights = torch.softmax(scores, dim=-1).transpose(-2, -1)
        return self.projection((weights @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class queries_on_both_sides(MultiHeadsSelfAttention):
    """You compare queries with queries. The keys are made and never used: what a token asks for and what it offers are
    to be two different things."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ Q.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class keys_used_as_values(MultiHeadsSelfAttention):
    """You mix the keys with the weights. The values are made and never used."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        V = K
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class projection_never_used(MultiHeadsSelfAttention):
    """You make the final projection in the constructor, and forward ends without it: the heads are side by side, and
    nothing mixes them."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return (torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C)


@instead_of("MultiHeadsSelfAttention")
class no_projection(MultiHeadsSelfAttention):
    """There is no final projection: a fourth linear layer comes after the heads, and mixes them."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        self.projection = nn.Identity()


@instead_of("MultiHeadsSelfAttention")
class projection_in_each_head(MultiHeadsSelfAttention):
    """You project each head by itself, with one layer for all of them. The final projection takes the heads side by
    side: without it they never meet."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        self.projection = nn.Linear(embed_dim // num_heads, embed_dim // num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        heads = self.projection(torch.softmax(scores, dim=-1) @ V)
        return heads.transpose(1, 2).reshape(B, N, C)


@instead_of("MultiHeadsSelfAttention")
class mean_over_the_heads(MultiHeadsSelfAttention):
    """You average the heads, where they are to stand side by side: their mean has d features, and what tells the heads
    apart is lost."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        self.projection = nn.Linear(embed_dim // num_heads, embed_dim)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).mean(dim=1))


@instead_of("MultiHeadsSelfAttention")
class heads_added_up(MultiHeadsSelfAttention):
    """You add the heads up and put the sum into the place of each, where they are to stand side by side: what tells
    them apart is lost."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        summed = (torch.softmax(scores, dim=-1) @ V).sum(dim=1)
        return self.projection(summed.repeat(1, 1, heads))


@instead_of("MultiHeadsSelfAttention")
class heads_share_their_layers(MultiHeadsSelfAttention):
    """All heads share the same three layers, so that they all compute the same. Each is to have queries, keys and
    values of its own."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        d = embed_dim // num_heads
        self.query, self.key, self.value = nn.Linear(embed_dim, d), nn.Linear(embed_dim, d), nn.Linear(embed_dim, d)

    def forward(self, x):
        Q, K, V = self.query(x), self.key(x), self.value(x)
        weights = torch.softmax(Q @ K.transpose(1, 2) / Q.shape[-1] ** 0.5, dim=-1)
        return self.projection((weights @ V).repeat(1, 1, self.num_heads))


@instead_of("MultiHeadsSelfAttention")
class heads_with_all_features(MultiHeadsSelfAttention):
    """Each of your heads has embed_dim features in place of embed_dim / num_heads, so that the layer grows with the
    number of heads. The heads share the features."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        self.query, self.key, self.value = (nn.Linear(embed_dim, embed_dim * num_heads) for _ in range(3))
        self.projection = nn.Linear(embed_dim * num_heads, embed_dim)

    def forward(self, x):
        B, N, C = x.shape
        Q, K, V = (layer(x).view(B, N, -1, C).transpose(1, 2) for layer in (self.query, self.key, self.value))
        weights = torch.softmax(Q @ K.transpose(-2, -1) / C**0.5, dim=-1)
        return self.projection((weights @ V).transpose(1, 2).reshape(B, N, -1))


@instead_of("MultiHeadsSelfAttention")
class heads_in_a_plain_list(MultiHeadsSelfAttention):
    """Your heads' layers stand in a plain Python list, where nn.Module does not find them: they are not in
    `parameters()`, so no optimizer trains them, and `.to(device)` leaves them behind. There is a list of PyTorch's for
    this."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        d = embed_dim // num_heads
        del self.query, self.key, self.value
        self.heads = [[nn.Linear(embed_dim, d) for _ in range(3)] for _ in range(num_heads)]

    def forward(self, x):
        found = []
        for layers in self.heads:
            Q, K, V = (layer(x) for layer in layers)
            weights = torch.softmax(Q @ K.transpose(1, 2) / Q.shape[-1] ** 0.5, dim=-1)
            found.append(weights @ V)
        return self.projection(torch.cat(found, dim=-1))


@instead_of("MultiHeadsSelfAttention")
class only_the_last_head(MultiHeadsSelfAttention):
    """Only your last head comes out: it is written over the others. Collect what each head comes to, and join them."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        last = (torch.softmax(scores, dim=-1) @ V)[:, -1]
        return self.projection(last.repeat(1, 1, heads))


@instead_of("MultiHeadsSelfAttention")
class number_of_heads_ignored(MultiHeadsSelfAttention):
    """Your layer attends with one head, whatever `num_heads` says: all features share their weights."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        self.num_heads = 1


@instead_of("MultiHeadsSelfAttention")
class number_of_heads_fixed(MultiHeadsSelfAttention):
    """Your layer always has two heads, whatever `num_heads` says. A number that stands in the signature should not
    stand in the body."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        self.num_heads = 2 if embed_dim % 2 == 0 else 1


@instead_of("MultiHeadsSelfAttention")
class heads_and_their_size_swapped(MultiHeadsSelfAttention):
    """You have d heads of num_heads features, where it should be num_heads heads of d: the two sizes have changed
    places in your `view`."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)
        self.num_heads = embed_dim // num_heads


@instead_of("MultiHeadsSelfAttention")
class one_softmax_for_all_heads(MultiHeadsSelfAttention):
    """You sum the scores over the heads, so that all of them have the same weights: that is one head. Each is to have a
    softmax of its own."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        scores = scores.sum(dim=1, keepdim=True)
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class keys_mixed_over_the_heads(MultiHeadsSelfAttention):
    """Your heads compare their queries with keys that are mixed from several heads. A head is to see its own queries,
    keys and values, and no others'."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        K = K * 0.5 + K.roll(1, dims=1) * 0.5
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class any_number_of_heads_accepted(MultiHeadsSelfAttention):
    """Your constructor accepts a number of heads that does not divide embed_dim, and the error comes later, from a
    `view` far away, or never. Refuse it with a ValueError that says both numbers."""

    def __init__(self, embed_dim, num_heads):
        nn.Module.__init__(self)
        self.num_heads = num_heads
        self.query, self.key, self.value, self.projection = (nn.Linear(embed_dim, embed_dim) for _ in range(4))


@instead_of("MultiHeadsSelfAttention")
class wrong_kind_of_error(MultiHeadsSelfAttention):
    """Your constructor refuses a number of heads that does not divide embed_dim, and raises another error than a
    ValueError, the one that says that an argument has a bad value."""

    def __init__(self, embed_dim, num_heads):
        if embed_dim % num_heads:
            raise TypeError("num_heads does not divide embed_dim")
        super().__init__(embed_dim, num_heads)


@instead_of("MultiHeadsSelfAttention")
class refuses_good_numbers_of_heads(MultiHeadsSelfAttention):
    """Your constructor refuses heads that divide embed_dim. What has to be 0 is the remainder of embed_dim by
    num_heads, in this order."""

    def __init__(self, embed_dim, num_heads):
        if num_heads % 2 and num_heads > 1:
            raise ValueError("num_heads is odd")
        super().__init__(embed_dim, num_heads)


@instead_of("MultiHeadsSelfAttention")
class keys_detached(MultiHeadsSelfAttention):
    """No gradient reaches the layer of the keys, so it stays as it was drawn for ever: the keys are cut out of the
    graph. The numbers are right, and that is why nobody notices."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        K = K.detach()
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class values_detached(MultiHeadsSelfAttention):
    """No gradient reaches the layer of the values: they are cut out of the graph. The numbers are right, and that is
    why nobody notices."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        V = V.data
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class input_detached(MultiHeadsSelfAttention):
    """The input is cut out of the graph, so that nothing before this layer can be trained, no earlier block and no
    patch embedding."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        return super().forward(x.detach())


@instead_of("MultiHeadsSelfAttention")
class dropout_on_the_weights(MultiHeadsSelfAttention):
    """There is a dropout on your weights, which makes the output another one at each call in training. This layer has
    none: its signature does not ask for a probability."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        weights = nn.functional.dropout(torch.softmax(scores, dim=-1), 0.1, self.training)
        return self.projection((weights @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class residual_added(MultiHeadsSelfAttention):
    """You add the input to the output. That residual connection is the block's, around this layer, and would be there
    twice."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        return x + super().forward(x)


@instead_of("MultiHeadsSelfAttention")
class normalized_input(MultiHeadsSelfAttention):
    """You normalize the input first. That LayerNorm belongs to the block around this layer, and would be there
    twice."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        return super().forward(nn.functional.layer_norm(x, x.shape[-1:]))


@instead_of("MultiHeadsSelfAttention")
class causal_mask(MultiHeadsSelfAttention):
    """Your tokens do not see those that come after them. Such a mask is for text that is written word by word; the
    patches of an image may all see each other."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q @ K.transpose(-2, -1) / d**0.5
        hidden = torch.ones_like(scores).triu(1).bool()
        scores = scores.masked_fill(hidden, float("-inf"))
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class queries_and_keys_normalized(MultiHeadsSelfAttention):
    """You bring queries and keys to length 1 before you compare them, so that the scores stay below 1/√d and the
    weights nearly equal. The plain scalar product is asked for."""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        Q, K = nn.functional.normalize(Q, dim=-1), nn.functional.normalize(K, dim=-1)
        scores = Q @ K.transpose(-2, -1) / d**0.5
        return self.projection((torch.softmax(scores, dim=-1) @ V).transpose(1, 2).reshape(B, N, C))


@instead_of("MultiHeadsSelfAttention")
class features_compared_in_place_of_tokens(MultiHeadsSelfAttention):
    """You compare features with features: QᵀK is (B, heads, d, d). Scores are for pairs of tokens, (B, heads, N, N):
    which of the two is to be transposed?"""

    def __init__(self, embed_dim, num_heads):
        super().__init__(embed_dim, num_heads)

    def forward(self, x):
        B, N, C = x.shape
        heads, d = self.num_heads, C // self.num_heads
        Q, K, V = (layer(x).view(B, N, heads, d).transpose(1, 2) for layer in (self.query, self.key, self.value))
        scores = Q.transpose(-2, -1) @ K / d**0.5
        heads = V @ torch.softmax(scores, dim=-1)
        return self.projection(heads.transpose(1, 2).reshape(B, N, C))
