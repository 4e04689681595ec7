package dev.sinter.passes.tuning;

import java.util.Optional;

/// What is known to be fastest: asked wherever a schedule has something to choose, before an
/// estimate decides.
public interface Choices {
  /// The tile of a product, if one is known to be the fastest.
  Optional<ProductTile> tile(ProductShape shape);

  /// How a convolution is done, if one way is known to be the fastest.
  Optional<ConvolutionWay> way(ConvolutionShape shape);
}
