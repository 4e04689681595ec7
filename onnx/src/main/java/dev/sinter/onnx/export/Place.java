package dev.sinter.onnx.export;

import java.util.List;

/// Where along one axis of a tensor elements are read.
sealed interface Place {
  /// From end to end, by an axis of the scope.
  record Whole(int axis) implements Place {}

  /// At the places that a grid says.
  record Picked(Grid index) implements Place {}

  /// The axes of the scope on which the place depends, ascending.
  default List<Integer> axes() {
    return switch (this) {
      case Whole(int axis) -> List.of(axis);
      case Picked(Grid index) -> index.axes();
    };
  }
}
