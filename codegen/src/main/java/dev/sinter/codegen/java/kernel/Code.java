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
    PRIMARY
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
    Level tighter = Level.values()[level.ordinal() + 1];
    return of(level, "$L $L $L", left.at(level), operator, right.at(tighter));
  }

  /// The text as part of something that binds as tightly as `around`.
  CodeBlock at(Level around) {
    return level.compareTo(around) < 0 ? CodeBlock.of("($L)", block) : block;
  }
}
