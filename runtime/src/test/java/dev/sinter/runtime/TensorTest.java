package dev.sinter.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {
  @Test
  void keepsJavaArrays() {
    assertThat(Tensor.of(new float[] {1, 2.5f, -3}, 3).toFloatArray()).containsExactly(1, 2.5f, -3);
    assertThat(Tensor.of(new double[] {1, 0.1}, 2, 1).toDoubleArray()).containsExactly(1, 0.1);
    assertThat(Tensor.of(new int[] {1, -7}, 2).toIntArray()).containsExactly(1, -7);
    assertThat(Tensor.of(new long[] {Long.MIN_VALUE}, 1).toLongArray())
        .containsExactly(Long.MIN_VALUE);
    assertThat(Tensor.of(new byte[] {-1, 2}, 2).toLongArray()).containsExactly(-1, 2);
    assertThat(Tensor.of(new boolean[] {true, false}, 2).toLongArray()).containsExactly(1, 0);
    assertThat(Tensor.of(new float[] {4}).rank()).isZero();
    assertThat(Tensor.of(new float[0], 0, 3).size()).isZero();
    assertThat(Tensor.of(DType.U8, new double[] {-4, 3.7, 300}, 3).toIntArray())
        .containsExactly(0, 3, 255);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void readsWhatItWrote(DType dtype) {
    Tensor tensor = Tensor.zeros(dtype, 3, 3);
    for (int i = 0; i < 9; i++) {
      tensor.setLong(i, i % 2 == 0 ? 1 : 0);
    }
    tensor.setDouble(4, 0);
    assertThat(tensor.toLongArray()).containsExactly(1, 0, 1, 0, 0, 0, 1, 0, 1);
    assertThat(tensor.toDoubleArray()).containsExactly(1, 0, 1, 0, 0, 0, 1, 0, 1);
    assertThat(tensor.memory().address() % Tensor.ALIGNMENT).isZero();
    assertThat(tensor.copy().contentEquals(tensor)).isTrue();
  }

  @Test
  void packsFourBitElementsLowHalfFirst() {
    Tensor tensor = Tensor.of(DType.I4, new double[] {1, -2, 7}, 3);
    assertThat(tensor.bytes()).isEqualTo(2);
    assertThat(tensor.memory().get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0))
        .isEqualTo((byte) 0xe1);
    assertThat(tensor.toIntArray()).containsExactly(1, -2, 7);
  }

  @Test
  void comparesContentAndNotTheUnusedHalfByte() {
    Tensor one = Tensor.of(DType.U4, new double[] {1, 2, 3}, 3);
    Tensor other = one.copy();
    other.memory().set(java.lang.foreign.ValueLayout.JAVA_BYTE, 1, (byte) 0xf3);
    assertThat(one.contentEquals(other)).isTrue();
    other.setLong(2, 4);
    assertThat(one.contentEquals(other)).isFalse();
    assertThat(one.contentEquals(Tensor.zeros(DType.U4, 1, 3))).isFalse();
    assertThat(Tensor.of(new float[] {0f}, 1).contentEquals(Tensor.of(new float[] {-0f}, 1)))
        .isFalse();
    assertThat(
            Tensor.of(new float[] {Float.NaN}, 1)
                .contentEquals(Tensor.of(new float[] {Float.NaN}, 1)))
        .isTrue();
  }

  @Test
  void freesItsMemoryOnClose() {
    Tensor tensor = Tensor.allocate(DType.F32, 2, 3);
    MemorySegment memory = tensor.memory();
    tensor.close();
    tensor.close();
    assertThat(memory.scope().isAlive()).isFalse();
    assertThatThrownBy(() -> tensor.getDouble(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this tensor f32[2, 3] was closed");
    assertThat(tensor).hasToString("f32[2, 3] (closed)");
  }

  @Test
  void saysThatWrappedMemoryWasClosed() {
    Tensor tensor;
    try (Arena arena = Arena.ofConfined()) {
      tensor = Tensor.wrap(DType.F32, arena.allocate(8), 2);
      tensor.setDouble(1, 5);
      assertThat(tensor.getDouble(1)).isEqualTo(5);
    }
    assertThatThrownBy(tensor::memory)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("f32[2] was closed");
  }

  @Test
  void wrapsHeapMemoryAtAnyAlignment() {
    MemorySegment memory = MemorySegment.ofArray(new byte[17]).asSlice(1);
    Tensor tensor = Tensor.wrap(DType.F64, memory, 2);
    tensor.setDouble(1, 0.1);
    assertThat(tensor.getDouble(1)).isEqualTo(0.1);
  }

  @Test
  void refusesShapesThatDoNotFit() {
    assertThatThrownBy(() -> Tensor.of(new float[3], 2, 2))
        .isInstanceOf(ShapeException.class)
        .hasMessage("shape [2, 2] has 4 elements, the array has 3");
    assertThatThrownBy(() -> Tensor.zeros(DType.F32, -1)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> Tensor.zeros(DType.F32, 1L << 40, 1L << 40))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> Tensor.zeros(DType.F32, Long.MAX_VALUE, 2))
        .isInstanceOf(ShapeException.class);
    assertThat(Tensor.zeros(DType.F32, Long.MAX_VALUE, 0).size()).isZero();
    assertThatThrownBy(() -> Tensor.wrap(DType.F32, MemorySegment.ofArray(new byte[7]), 2))
        .isInstanceOf(ShapeException.class)
        .hasMessage("f32[2] takes 8 bytes, the memory has 7");
    assertThatThrownBy(() -> Tensor.zeros(DType.F32, 2).getDouble(2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> Tensor.zeros(DType.F32, 2).copyFrom(Tensor.zeros(DType.F64, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("cannot copy f64[2] to f32[2]");
  }

  @Test
  void saysThatTheMachineHasNotTheMemory() {
    assertThatThrownBy(() -> Tensor.zeros(DType.I8, Shapes.MAX_BYTES))
        .isInstanceOf(DeviceException.class);
  }
}
