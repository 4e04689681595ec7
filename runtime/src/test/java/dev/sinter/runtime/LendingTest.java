package dev.sinter.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LendingTest {
  private static final EntrySpec SPEC =
      new EntrySpec("f", List.of(spec("x"), spec("y")), List.of(spec("a"), spec("b")), List.of());

  /// The last buffer takes over the memory of `y`.
  private static final BufferPlan PLAN =
      BufferPlan.parse(
          """
          dims 1
          buffer arena 0..2 x
          buffer arena 0..2 y
          buffer arena 0..2 a
          buffer arena 1..2 b
          buffer arena 1..1 y.relu in 1
          input 0 buffer 0 dims 0
          input 1 buffer 1 dims 0
          output 0 buffer 2 dims 0
          output 1 buffer 3 dims 0
          """);

  private static final long[] SIZES = {16, 16, 16, 16, 16};

  private final MemorySegment arena = Arena.ofAuto().allocate(1024, 64);

  @Test
  void lendsWhatOnlyTheCallReadsAndWrites() {
    Tensor x = zeros(4);
    Tensor a = zeros(4);
    Frame frame = lent(x, zeros(4), a, zeros(4));
    assertThat(frame.memory(0)).isEqualTo(x.memory());
    assertThat(frame.memory(2)).isEqualTo(a.memory());
  }

  @Test
  void keepsAnInputThatIsWrittenOver() {
    Frame frame = lent(zeros(4), zeros(4), zeros(4), zeros(4));
    assertThat(frame.memory(1)).isEqualTo(arena);
  }

  @Test
  void keepsAResultThatOverlapsAnother() {
    Tensor both = zeros(4);
    Frame frame = lent(zeros(4), zeros(4), both, both);
    assertThat(frame.memory(2)).isEqualTo(arena);
    assertThat(frame.memory(3)).isEqualTo(arena);
  }

  @Test
  void keepsAResultOfAnotherSize() {
    Frame frame = lent(zeros(4), zeros(4), zeros(3), zeros(4));
    assertThat(frame.memory(2)).isEqualTo(arena);
  }

  private static Tensor zeros(long size) {
    return Tensor.zeros(DType.F32, size);
  }

  private Frame lent(Tensor x, Tensor y, Tensor a, Tensor b) {
    try (Workers workers = new Workers(1)) {
      Frame frame =
          new Frame(
              new TinyProgram(),
              workers,
              PLAN,
              MemorySegment.NULL,
              new long[5],
              new long[5],
              new long[1]);
      frame.enter(arena, MemorySegment.NULL);
      new Lending(PLAN, SIZES).lend(frame, SPEC, Map.of("x", x, "y", y), Map.of("a", a, "b", b));
      return frame;
    }
  }

  private static TensorSpec spec(String name) {
    return new TensorSpec(name, DType.F32, List.of("N"));
  }
}
