package dev.sinter.passes.tuning;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What others know, and a memory of what they were asked: which products and convolutions there
/// are in what is lowered.
public final class Asked implements Choices {
  private final Choices others;
  private final Map<ProductShape, Long> products = new LinkedHashMap<>();
  private final Map<ConvolutionShape, Long> convolutions = new LinkedHashMap<>();

  /// @param others who answer
  public Asked(Choices others) {
    this.others = others;
  }

  @Override
  public Optional<ProductTile> tile(ProductShape shape) {
    products.merge(shape, 1L, Long::sum);
    return others.tile(shape);
  }

  @Override
  public Optional<ConvolutionWay> way(ConvolutionShape shape) {
    convolutions.merge(shape, 1L, Long::sum);
    return others.way(shape);
  }

  /// The products that were asked for, and how often, in the order of the questions.
  public Map<ProductShape, Long> products() {
    return Collections.unmodifiableMap(products);
  }

  /// The convolutions that were asked for, and how often, in the order of the questions.
  public Map<ConvolutionShape, Long> convolutions() {
    return Collections.unmodifiableMap(convolutions);
  }
}
