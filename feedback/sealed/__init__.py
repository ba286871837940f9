"""The sealed register: information with the content of a denunciation (Luật Tố cáo 2018 Điều 25), as ciphertext.

Neither Feedback nor Assignment; in no list, index, statistic or log, and no notice names a case. A code of it answers as unknown.
Whoever may not know of a case meets nothing that counts it: no running number, no total.
"""
