package dev.sinter.passes.tuning;

import dev.sinter.runtime.DType;
import java.util.List;
import java.util.stream.Collectors;

/// What decides which [ConvolutionWay] is fastest for a convolution by windows of 3x3 places that
/// move by one. It holds for all tiers, since a model's JAR has one form of its weights for all.
///
/// @param dtype the type of the picture and the filter
/// @param pictures the number of pictures, or [ProductShape#OPEN]
/// @param channels of the picture
/// @param height of the picture
/// @param width of the picture
/// @param filters the channels of the result
/// @param pads the rows and columns of zeros before the picture, then those after it
public record ConvolutionShape(
    DType dtype,
    long pictures,
    long channels,
    long height,
    long width,
    long filters,
    List<Long> pads) {
  public ConvolutionShape {
    pads = List.copyOf(pads);
    if (pads.size() != 4) {
      throw new IllegalArgumentException("a picture is padded on four sides, not " + pads);
    }
  }

  /// As in a table: `convolution f32 1x64x56x56 filters 64 pads 1,1,1,1`.
  @Override
  public String toString() {
    return "convolution %s %sx%dx%dx%d filters %d pads %s"
        .formatted(
            dtype,
            ProductShape.text(pictures),
            channels,
            height,
            width,
            filters,
            pads.stream().map(String::valueOf).collect(Collectors.joining(",")));
  }
}
