/* SPDX-License-Identifier: BSD-3-Clause */
/* test_fleet_send - soon. */
int main(void)
{
	return 0;
}
