package dev.sinter.codegen.java.kernel;

import com.palantir.javapoet.CodeBlock;

/// A Java expression and how tightly it binds.
///
/// @param block the text
/// @param level what holds it together; a looser one than its surroundings wants parentheses
record Code(CodeBlock block, Level level) {
  /// How tightly an expression binds, loosest first.
  enum Level {
    CONDITIONAL,
    OR,
    XOR,
    AND,
    EQUALITY,
    RELATION,
    SHIFT,
    SUM,
    PRODUCT,
    UNARY,
    PRIMARY;

    /// Whether an expression of this level needs parentheses as the right operand of `around`.
    boolean loosensRight(Level around) {
      return compareTo(around) <= 0;
    }
  }

  /// A name, literal, call or anything else that needs no parentheses.
  static Code primary(String format, Object... args) {
    return new Code(CodeBlock.of(format, args), Level.PRIMARY);
  }

  static Code of(Level level, String format, Object... args) {
    return new Code(CodeBlock.of(format, args), level);
  }

  /// `left operator right`, for an operator that groups to the left.
  static Code binary(Level level, Code left, String operator, Code right) {
    CodeBlock other =
        right.level.loosensRight(level) ? CodeBlock.of("($L)", right.block) : right.block;
    return of(level, "$L $L $L", left.at(level), operator, other);
  }

  /// The text as part of something that binds as tightly as `around`.
  CodeBlock at(Level around) {
    return level.compareTo(around) < 0 ? CodeBlock.of("($L)", block) : block;
  }
}
