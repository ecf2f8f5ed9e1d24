#ifndef PLUMB_CKERNELS_H
#define PLUMB_CKERNELS_H

#endif
