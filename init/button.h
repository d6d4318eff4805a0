/* SPDX-License-Identifier: GPL-2.0-or-later */
/* button.h: the power button. */
#ifndef CLOISON_INIT_BUTTON_H
#define CLOISON_INIT_BUTTON_H

/* button_begin - from now on, in the loop, call @pressed when a power button is. */
void button_begin(void (*pressed)(void));

#endif
