package dev.sinter.passes.gpu;

/// How the threads of a GPU share what a kernel computes: one kind for each class of kernels.
///
/// The numbers are starting points; none has been measured on a GPU yet.
public sealed interface GpuSchedule {
  /// The threads of a block.
  int threads();

  /// One thread computes `vector` consecutive points, with any reduction of its own in loops.
  ///
  /// @param vector 1 or 4
  record Points(int threads, int vector) implements GpuSchedule {
    public Points {
      require(vector == 1 || vector == 4, "a vector of " + vector);
    }
  }

  /// A group of threads computes a row: its reductions together, then its points in turn.
  ///
  /// @param group the threads of a row: a warp, or all of the block
  record Rows(int threads, int group) implements GpuSchedule {
    public Rows {
      require(group == 32 || group == threads, "a group of " + group);
    }
  }

  /// A block computes a tile of a contraction's result, which runs through shared memory in slices
  /// of the summed axis.
  ///
  /// @param rows the rows of the tile
  /// @param columns its columns
  /// @param depth the elements of a slice along the summed axis
  /// @param threadRows the rows of the tile that one thread computes, a multiple of 4
  /// @param threadColumns its columns, a multiple of 4
  /// @param stages how many slices lie in shared memory, at least 2: one is computed with while the
  ///   others are on their way
  record Tiles(int rows, int columns, int depth, int threadRows, int threadColumns, int stages)
      implements GpuSchedule {
    public Tiles {
      require(threadRows % 4 == 0 && threadColumns % 4 == 0, "a thread's tile of no fours");
      require(rows % threadRows == 0 && columns % threadColumns == 0, "a tile of no threads");
      require(stages >= 2, "stages " + stages);
      int threads = rows / threadRows * (columns / threadColumns);
      require(
          rows * depth % (4 * threads) == 0 && columns * depth % (4 * threads) == 0,
          "a slice that the threads cannot share evenly");
    }

    @Override
    public int threads() {
      return rows / threadRows * (columns / threadColumns);
    }
  }

  private static void require(boolean holds, String fault) {
    if (!holds) {
      throw new IllegalArgumentException(fault);
    }
  }
}
