/// Writes models as text: what reading a text does, backwards.
@NullMarked
package dev.sinter.dsl.write;

import org.jspecify.annotations.NullMarked;
