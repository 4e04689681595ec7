package dev.sinter.ir.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoopKernelVerifierTest {
  /// Has every statement and every expression.
  private static final String SOUND =
      """
      loops all {
        buffer 0 ids i64
        buffer 1 x f32
        buffer 2 the flags bool
        size N
        function all() {
          int end = {max(N, 3)}
          share from to of {N} {
            for row = {from} to {to} by {1} {
              index at = load(0, {row}) below {11}
              let sum f32 vector = splat(f32(0.0))
              for k = {0} to {end} by {2*$lanes} {
                set sum = fma(vector(1, {at + k}), splat(f32(2.5)), sum)
              }
              let all f32 = join(sum, head(sum, sum, {N - row}))
              if le(index(i32, {row}), i32(-3)) {
                store 1 {row} = cast(f32, bits(i32, all))
              } else {
                call tile({row}, {$lanes + at})
              }
            }
          }
        }
        function tile(row, col) {
          let v f32 vector = select(lt(index(f32, {row}, {1}), vector(1, {col})), \
      vector(1, {col}, {N - col}), splat(f32(-Infinity)))
          store 1 {col} = v below {N - col}
          store 2 {floor(row / 2)} = bool(1)
        }
      }
      """;

  @Test
  void aSoundKernelHasNoFaultAndIsReadAsItIsWritten() {
    LoopKernel kernel = LoopKernelParser.parse(SOUND);
    assertThat(LoopKernelVerifier.faults(kernel)).isEmpty();
    assertThat(LoopKernelPrinter.print(kernel)).isEqualTo(SOUND);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          function all() {     | function all(n) {     | the driver has parameters [n]
          function tile(       | function all(         | two functions are named all
          call tile(           | call all(             | no function to call is named all
          call tile(           | call other(           | no function to call is named other
          call tile({row}, {$lanes + at}) | call tile({row}) | tile takes [row, col], not [row]
          store 1 {col} = v below {N - col} | call tile({row}, {col}) | tile calls itself
          int end =            | int N =               | N is declared twice
          int end = {max(N, 3)} | store 1 {0} = f32(0.0) | a store to 1 is outside a share
          for row = {from} to {to} by {1} { | share a b of {N} { | work is shared in a loop
          int end = {max(N, 3)} | call tile({0}, {0})  | tile is called outside a share
          load(0, {row})       | load(0, {k})          | no integer k is in scope
          {floor(row / 2)}     | {end}                 | no integer end is in scope
          by {1}               | by {0}                | the step 0 of row is not positive
          by {2*$lanes}         | by {2*$lanes - 3}      | is not positive
          set sum = fma        | set all = fma         | all is assigned, and no local
          let all f32          | let all f64           | the local all is a scalar of f64, not a scalar of f32
          let v f32 vector     | let v f32             | the local v is a scalar of f32, not a vector of f32
          load(0, {row}) below | f32(1.0) below        | at counts in a scalar of f32
          splat(f32(2.5))      | f32(2.5)              | fma is of scalars and vectors
          i32(-3)              | i64(-3)               | le takes arguments of one type, not [i32, i64]
          le(index(i32, {row}), i32(-3)) | i32(1)      | a condition is a scalar of bool, not a scalar of i32
          bits(i32, all)       | bits(i64, all)        | bits of f32 as i64
          = cast(f32, bits(i32, all)) | = bits(i32, all) | a scalar of i32 is stored to
          vector(1, {col}, {N - col}) | vector(2, {col}) | a vector of bool is loaded
          vector(1, {col}, {N - col}) | vector(7, {col}) | there is no buffer 7
          join(sum, head       | join(any, head        | are joined by any
          head(sum, sum, {N - row}) | all              | no local all is in scope
          splat(f32(0.0))      | splat(f64(0.0))       | there are no vectors of f64
          splat(f32(-Infinity)) | splat(vector(1, {0})) | a vector is splat
          = bool(1)            | = bool(1) below {N}   | a scalar is stored to lanes below N
          fma(vector           | add(vector            | add takes 2 arguments, not 3
          """)
  void aBrokenKernelIsRefused(String part, String broken, String fault) {
    assertThat(SOUND).contains(part);
    LoopKernel kernel = LoopKernelParser.parse(SOUND.replace(part, broken));
    assertThat(LoopKernelVerifier.faults(kernel)).anyMatch(text -> text.contains(fault));
  }

  @Test
  void aKernelWithoutFunctionsIsRefused() {
    assertThat(LoopKernelVerifier.faults(LoopKernelParser.parse("loops none {\n}\n")))
        .containsExactly("there is no driver");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          set sum =    | sum =              | line 13
          buffer 1 x   | buffer 3 x         | buffers are numbered from 0
          by {1} {     | by {1}             | ` {` is expected
          f32(2.5)     | f32(two)           | line 13
          i32(-3)      | i99(-3)            | line 16
          {max(N, 3)}  | {max(N 3)}         | line 7
          splat(f32(0.0)) | splat(f32(0.0)) 1 | the statement ends at character
          """)
  void aTextThatIsNoneIsRefusedNamingTheLine(String part, String broken, String fault) {
    assertThat(SOUND).contains(part);
    assertThatThrownBy(() -> LoopKernelParser.parse(SOUND.replace(part, broken)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(fault);
  }

  @Test
  void aTextThatIsCutIsRefused() {
    for (int length = 0; length < SOUND.length() - 2; length++) {
      String text = SOUND.substring(0, length);
      assertThatThrownBy(() -> LoopKernelParser.parse(text))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
